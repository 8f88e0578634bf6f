using System.Net;
using System.Text.Json;
using Link.Abstractions;
using Link.Logging;
using Link.Masterless.MessagePack;
using Link.Masterless.Packets;
using Link.Streams;
using Link.Streams.Endpoints;

namespace Link.Masterless;

/// <summary>How a handshake ended.</summary>
/// <param name="Link">The connection; null when it failed.</param>
/// <param name="Failure">Why it failed; the fate is NotSent.</param>
/// <param name="MayBeDuplicate">Whether it failed so, that there may be another connection between the same nodes.</param>
/// <param name="ByPeer">Whether it was the peer that ended it.</param>
/// <param name="Clash">What is to be told besides: two nodes have one id; otherwise null.</param>
internal readonly record struct HandshakeResult(MeshLink? Link, LinkException? Failure, bool MayBeDuplicate = false, bool ByPeer = false, LinkException? Clash = null);

/// <summary>
/// One connection until both sides have chosen it (SPEC.md, "masterless: handshake"). Its stage belongs to the <see cref="NodeTable"/>.
/// </summary>
internal sealed class Handshake
{
    // A stranger need not be given more: an id and an address, every character escaped, and some members of others.
    private const int LongestPacket = 16 * 1024;
    private const int MostPackets = 64;
    private const int RoundsPerTurn = 4;

    private readonly MeshOptions _options;
    private readonly PacketFormat _format;
    private readonly NodeTable _nodes;
    private readonly string _announced;
    private readonly IPAddress? _remote;
    private Exception? _admission;

    /// <param name="role">Who opened the connection.</param>
    /// <param name="stream">The connection.</param>
    /// <param name="own">The id of this node.</param>
    /// <param name="announced">Where this node is reached.</param>
    /// <param name="dial">Whom this node dials; null when it accepts.</param>
    /// <param name="options">The bounds.</param>
    /// <param name="nodes">The connections of this node.</param>
    public Handshake(Role role, PeerStream stream, string own, string announced, Dial? dial, MeshOptions options, NodeTable nodes)
    {
        Role = role;
        OwnId = own;
        Expected = dial?.Expected;
        Keeps = dial?.Keeps ?? false;
        _remote = stream.Remote?.Address;
        Address = dial?.Address;
        ResolvedAddress = dial is { } dialled ? InNumbers(dialled.Address) : null;
        _announced = announced;
        _options = options;
        _nodes = nodes;
        _format = options.PacketFormat;
        Channel = new FrameChannel(stream.Stream, _format.CreateCodec(options.Limits, () => Peer), options.Limits, stream.Peer, options.TimeProvider);
    }

    /// <summary>Who opened the connection.</summary>
    public Role Role { get; }

    /// <summary>The id of this node in this handshake.</summary>
    public string OwnId { get; }

    /// <summary>The id that was dialled, or null.</summary>
    public string? Expected { get; }

    /// <summary>Whether the user who dialled wants to keep the connection.</summary>
    public bool Keeps { get; }

    /// <summary>The packets of the connection, during the handshake and after it.</summary>
    public FrameChannel Channel { get; }

    /// <summary>Who is at the other end; with a name as soon as it has said its id.</summary>
    public Peer Peer => Channel.Peer;

    /// <summary>Where the peer listens: what was dialled, or what it has announced.</summary>
    public Endpoint? Address { get; private set; }

    /// <summary>The same in numbers, since a host may have several names: where the dial has led; of a host name that was announced, the peer's end of the connection.</summary>
    public Endpoint? ResolvedAddress { get; private set; }

    /// <summary>The id of the peer; null until it has said it.</summary>
    public string? RemoteId { get; private set; }

    /// <summary>How far it is. Written by the table only.</summary>
    public Stage Stage { get; set; }

    /// <summary>Where the other connection leads that there is with a node of the same id, if it is another place. Written by the table only.</summary>
    public Endpoint? Elsewhere { get; set; }

    /// <summary>The priority that was sent, or is to be. Written by the table only.</summary>
    public double Priority { get; set; }

    /// <summary>What an end without a word may mean.</summary>
    private string Silence => Role == Role.Connector && RemoteId is null
        ? $"closed the connection without a word: perhaps a node of the id {Shown.Text(OwnId)} is connected there already, it does not admit this node, or it speaks another format or TLS"
        : "closed the connection during the handshake";

    /// <summary>Runs the handshake, within its time. When it does not succeed, the channel is left to the caller, to be closed.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<HandshakeResult> RunAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_options.HandshakeTimeout, _options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            if (Role == Role.Connector)
            {
                Send(static (output, hello) => HandshakePacket.WriteHello(output, hello.Id, hello.Info), (Id: OwnId, Info: _announced));
            }

            Channel.MaxReadBytes = LongestPacket;
            var packets = 0;
            var rounds = 0;
            do
            {
                if (++rounds % RoundsPerTurn == 0)
                {
                    // A stranger that floods must not keep the thread from everybody else.
                    await Task.Yield();
                }

                while (Channel.TryRead(out var frame))
                {
                    if (++packets > MostPackets)
                    {
                        return Failed(LinkError.ProtocolViolation, $"sent more than {MostPackets} packets during the handshake");
                    }

                    if (RemoteId is null && _format.IsOfOtherFormat(frame.Span))
                    {
                        return Failed(LinkError.ProtocolViolation, "sent no packet of a handshake: it may speak JSON");
                    }

                    if (Take(HandshakePacket.Read(_format.Read(frame.Span))) is { } result)
                    {
                        Channel.MaxReadBytes = _options.Limits.MaxFrameBytes;
                        return result;
                    }
                }
            }
            while (await Channel.FillAsync(either.Token).ConfigureAwait(false));
            return Failed(LinkError.ConnectionLost, Silence, mayBeDuplicate: true) with { ByPeer = true };
        }
        catch (Exception exception) when (exception is JsonException or MessagePackException)
        {
            return Failed(LinkError.ProtocolViolation, $"sent a malformed packet during the handshake ({Shown.Text(exception.Message)})");
        }
        catch (LinkException exception)
        {
            return new HandshakeResult(null, exception.For(RequestFate.NotSent), exception.Error == LinkError.ConnectionLost, ByPeer: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Failed(LinkError.Timeout, $"did not finish the handshake within {_options.HandshakeTimeout.TotalSeconds:0.###} s");
        }
    }

    /// <summary>Takes the id of the peer for known; for the table, which does it under its lock.</summary>
    public void Know(string id, Endpoint? address)
    {
        RemoteId = id;
        if (address is not null && Address is null)
        {
            Address = address;
            ResolvedAddress = InNumbers(address);
        }

        Channel.Peer = Peer with { Name = NodeName.Of(id) };
    }

    /// <summary>Reads where a connecting peer says that it listens; null when nobody can be reached there.</summary>
    public Endpoint? AddressIn(in HandshakePacket packet) => NodeAddress.Announced(packet.Info, _options.Kind, Peer.Endpoint);

    /// <summary>Asks the user whether the peer may be connected with; an exception refuses, and is told with the refusal.</summary>
    public bool IsAdmitted(string id)
    {
        try
        {
            return _options.Admit?.Invoke(Peer with { Name = NodeName.Of(id) }) ?? true;
        }
        catch (Exception exception)
        {
            _admission = exception;
            return false;
        }
    }

    /// <summary>Whether the peer announces the machine that it comes from: what it says of another proves nothing about who is there.</summary>
    public bool AnnouncesItself => _remote is null || ResolvedAddress?.Address == AnnouncedAddress.Plain(_remote).ToString();

    /// <summary>Whether both lead to the same place, however it is written.</summary>
    public bool LeadsToSamePlace(Handshake other) => Address is not null && (Address == other.Address || ResolvedAddress == other.ResolvedAddress);

    /// <summary>What to say when another node than the one that was dialled is there.</summary>
    public LinkException IsOfStranger(string id)
    {
        var found = NodeName.Of(id) is { } name ? Shown.Text(name) : "a node without a name";
        return new LinkException(LinkError.NoSuchPeer, $"{Peer.Endpoint} is {found}, not {Shown.Text(Expected!)}.", peer: Peer with { Name = NodeName.Of(id) });
    }

    /// <summary>A step; null while there are more to come.</summary>
    private HandshakeResult? Take(in HandshakePacket packet)
    {
        switch (_nodes.Decide(this, packet))
        {
            case Move.Wait:
                return null;
            case Move.AnswerId:
                Send(HandshakePacket.WriteAnswer, OwnId);
                return null;
            case Move.Claim or Move.Bid:
                Send(HandshakePacket.WritePriority, Priority);
                return null;
            case Move.Confirm:
                Send(static (output, _) => HandshakePacket.WriteConfirm(output), 0);
                return new HandshakeResult(new MeshLink(this, _options, _nodes), null);
            case Move.Connect:
                return new HandshakeResult(new MeshLink(this, _options, _nodes), null);
            case Move.Decline:
                Send(HandshakePacket.WritePriority, 0d);
                return Duplicate(packet);
            case Move.CloseDuplicate:
                return Duplicate(packet);
            case Move.CloseSelf:
                return Failed(LinkError.NoSuchPeer, $"is this node itself, or another of the same id {Shown.Text(OwnId)}");
            case Move.CloseStranger:
                return new HandshakeResult(null, IsOfStranger(packet.Id!));
            case Move.CloseUnadmitted:
                return Failed(
                    LinkError.Untrusted,
                    $"was not admitted as {Shown.Text(packet.Id ?? "")}{(_admission is { } thrown ? $" (Admit has thrown: {Shown.Text(thrown.Message)})" : "")}",
                    innerException: _admission);
            case Move.CloseUnreachable:
                return Failed(LinkError.ProtocolViolation, $"announced no address with a port: '{Shown.Text(packet.Info ?? "")}'");
            default:
                return Failed(LinkError.ProtocolViolation, "sent a packet that does not belong into the handshake");
        }
    }

    private Endpoint InNumbers(Endpoint address)
    {
        var number = Role == Role.Acceptor && IPAddress.TryParse(address.Address, out var announced) ? announced : _remote;
        return number is null ? address : Endpoint.Network(address.Kind, AnnouncedAddress.Plain(number).ToString(), address.Port);
    }

    private void Send<TState>(FrameEncoder<TState> write, TState state) => Channel.Write(
        (Format: _format, Write: write, State: state), static (output, packet) => packet.Format.Encode(output, packet.State, packet.Write));

    private HandshakeResult Duplicate(in HandshakePacket packet)
    {
        var clash = Elsewhere is null ? null : new LinkException(
            LinkError.NameUnavailable, $"Two nodes say that they are {Shown.Text(RemoteId ?? "")}: at {Elsewhere} and at {Address ?? AddressIn(packet)}.", peer: Peer);
        return Failed(LinkError.ConnectionLost, "has another connection with this node already", mayBeDuplicate: true) with { Clash = clash };
    }

    private HandshakeResult Failed(LinkError error, string what, bool mayBeDuplicate = false, Exception? innerException = null) =>
        new(null, new LinkException(error, $"{Peer} {what}.", peer: Peer, innerException: innerException), mayBeDuplicate);
}
