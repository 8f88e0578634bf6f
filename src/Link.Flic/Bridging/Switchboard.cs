using System.Numerics;
using System.Text;
using System.Text.Json;
using Link.Abstractions;
using Link.Abstractions.Buffers;
using Link.Abstractions.Json;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>
/// What a bridge does with each frame (SPEC.md, "flic: bridge"). Called by the readers of the connections, each for its own one at a time.
/// </summary>
internal sealed class Switchboard(FlicBridgeOptions options, BridgeEvents events)
{
    // Kept until an answer comes: a peer must not decide how much that is.
    internal const int LongestId = 256;

    // Who sends more that means nothing is no node.
    private const int MostDropped = 1000;

    private readonly bool _trustsNames = options.CompatibleSenders;
    private readonly Registrar _registrar = new(options, events);
    private readonly OpenTells _tells = new(options.MaxOpenTells);

    /// <summary>Who has which name.</summary>
    public NameTable Names => _registrar.Names;

    /// <summary>Whether a frame has to wait until its connection has asked for a name.</summary>
    public bool MustWait(BridgeNode from, FlicMethod method) => !_trustsNames && from.State == NodeState.New &&
        method is FlicMethod.Tell or FlicMethod.Shout or FlicMethod.Ack or FlicMethod.Leave;

    /// <summary>Does what a frame asks for.</summary>
    public void Take(BridgeNode from, in FlicFrame frame)
    {
        switch (frame.Method)
        {
            case FlicMethod.Link:
                from.Answer(from, frame.Id, BridgeAnswers.NoError);
                from.BecomeLink();
                break;
            case FlicMethod.Ident:
                _registrar.Register(from, frame);
                break;
            case FlicMethod.Tell:
                Tell(from, frame);
                break;
            case FlicMethod.Shout:
                Shout(from, frame);
                break;
            case FlicMethod.Ack:
                PassAnswer(from, frame);
                break;
            case FlicMethod.Leave:
                _registrar.Release(from, cause: null);
                AnswerFor(from, _tells.Leave(from));
                from.Answer(from, frame.Id, BridgeAnswers.Nothing);
                break;
        }
    }

    /// <summary>There is no room to let a frame wait.</summary>
    public void Refuse(BridgeNode from, in FlicFrame frame)
    {
        if (frame.Method == FlicMethod.Tell)
        {
            from.Refuse(from, frame.Id, FlicErrors.Overloaded);
        }
        else
        {
            Drop(from, "too many wait for its IDENT already");
        }
    }

    /// <summary>Reports a frame that was dropped.</summary>
    public void Drop(BridgeNode from, string problem)
    {
        events.Report(new LinkException(LinkError.ProtocolViolation, $"A frame from {from.Peer} was dropped: {problem}.", peer: from.Peer), from.Peer);
        if (++from.Dropped == MostDropped)
        {
            from.Fail(new LinkException(
                LinkError.ProtocolViolation, $"{from.Peer} has sent {MostDropped} frames that mean nothing; the connection is closed.", peer: from.Peer));
        }
    }

    /// <summary>A connection has ended: its names are free, and nobody waits for it any longer.</summary>
    public void End(BridgeNode node, LinkException? cause)
    {
        if (cause is not null)
        {
            events.Report(cause, node.Peer);
        }

        if (node.Held.Count > 0)
        {
            Drop(node, $"it, and {node.Held.Count - 1} more, waited for an IDENT that did not come");
        }

        _registrar.Release(node, cause);
        AnswerFor(node, _tells.End(node));
        node.FlushWritten();
    }

    /// <summary>Says to every name that the bridge stops: one frame for all, as a shout.</summary>
    /// <param name="parting">The items of the data, JSON text with commas in between; empty for none.</param>
    public void Close(ReadOnlyMemory<byte> parting)
    {
        var frame = new OutgoingFrame { Method = FlicMethod.Close, Id = FrameId.New(), First = parting };
        foreach (var (_, node) in Names.All)
        {
            if (node.Send(frame, OutgoingFrame.Encode, mayWait: true) is var delivery and not (Delivery.Accepted or Delivery.Gone))
            {
                ReportMissed("The parting data", node, delivery);
            }
        }
    }

    /// <summary>Tells those who wait for a node that it will not answer.</summary>
    private static void AnswerFor(BridgeNode lost, IReadOnlyList<OpenTell> tells)
    {
        foreach (var tell in tells)
        {
            lost.Refuse(tell.Asker, Encoding.UTF8.GetBytes(tell.Id), FlicErrors.NodeLost);
        }
    }

    private void Tell(BridgeNode from, in FlicFrame frame)
    {
        if (frame.Data.IsEmpty)
        {
            Drop(from, "a TELL has data");
            return;
        }

        var asker = AskerOf(from, frame);
        var id = BridgeAnswers.OrNull(frame.Id);
        if (id.Length > LongestId || (!_trustsNames && from.State != NodeState.Registered))
        {
            from.Refuse(asker, id, id.Length > LongestId ? FlicErrors.TooLarge : FlicErrors.NotRegistered);
            return;
        }

        var items = new JsonItems(frame.Data);
        var told = FindNext(ref items);
        if (told is null || (!_trustsNames && !_tells.TryAdd(from, KeyOf(id), told)))
        {
            from.Refuse(asker, id, FlicErrors.UnknownNode);
            return;
        }

        var delivery = from.Write(
            told,
            new OutgoingFrame
            {
                Method = FlicMethod.Tell,
                First = _trustsNames ? BridgeAnswers.OrNull(frame.NodeName) : from.QuotedName,
                Second = id,
                Third = BridgeAnswers.OrNull(items.Take()),
                Fourth = BridgeAnswers.OrNull(items.Take()),
            },
            OutgoingFrame.Encode);
        if (delivery != Delivery.Accepted)
        {
            TakeBack(from, asker, id, told, delivery);
        }
    }

    /// <summary>A TELL did not reach the one it was for.</summary>
    private void TakeBack(BridgeNode from, BridgeNode? asker, ReadOnlyMemory<byte> id, BridgeNode told, Delivery delivery)
    {
        // Before the connection is cut: its end would answer for it, and not know that this one was not sent.
        var isOpen = _trustsNames || _tells.TryTake(from, KeyOf(id), told);
        if (delivery == Delivery.Overloaded)
        {
            told.Cut();
        }

        if (isOpen)
        {
            from.Refuse(asker, id, delivery switch
            {
                Delivery.TooLarge => FlicErrors.TooLarge,
                Delivery.Overloaded or Delivery.Behind => FlicErrors.Overloaded,
                _ => FlicErrors.UnknownNode,
            });
        }
    }

    private void PassAnswer(BridgeNode from, in FlicFrame frame)
    {
        if (frame.Data.IsEmpty)
        {
            Drop(from, "an ACK has data");
            return;
        }

        var items = new JsonItems(frame.Data);
        var asker = FindNext(ref items);
        var id = BridgeAnswers.OrNull(items.Take());

        // Answers that nobody waits for are no error: callbacks of the originals may be called twice.
        if (asker is not null && (_trustsNames || (id.Length <= LongestId && _tells.TryTake(asker, KeyOf(id), from))) &&
            from.Answer(asker, id, items.Take()) == Delivery.TooLarge)
        {
            from.Refuse(asker, id, FlicErrors.AnswerTooLarge);
        }
    }

    private void Shout(BridgeNode from, in FlicFrame frame)
    {
        if (!_trustsNames && from.State != NodeState.Registered)
        {
            Drop(from, "it is a SHOUT, and has no name");
            return;
        }

        using var content = new PooledBuffer();
        new OutgoingFrame { Method = FlicMethod.Shout, First = frame.Data.IsEmpty ? default : frame.Data[1..^1] }.WriteTo(content);
        var skipped = _trustsNames && !frame.NodeName.IsEmpty ? JsonText.Unquote(frame.NodeName.Span) : null;
        foreach (var (name, node) in Names.All)
        {
            if (_trustsNames ? name == skipped : node == from)
            {
                continue;
            }

            var delivery = from.Write(node, content.WrittenMemory, static (output, bytes) => output.Write(bytes.Span));
            if (delivery == Delivery.Overloaded)
            {
                node.Cut();
            }
            else if (delivery is Delivery.TooLarge or Delivery.Behind)
            {
                ReportMissed($"A SHOUT of {content.Length} bytes from {from.Peer}", node, delivery);
            }
        }
    }

    /// <summary>Reports what did not go to a node: the first time, and whenever that has doubled, for it may happen with every frame.</summary>
    private void ReportMissed(string what, BridgeNode node, Delivery delivery)
    {
        var missed = node.CountMissed();
        if (BitOperations.IsPow2(missed))
        {
            var limit = delivery == Delivery.TooLarge ? "so much at once" : "so fast";
            events.Report(
                new LinkException(
                    delivery == Delivery.TooLarge ? LinkError.TooLarge : LinkError.Overloaded,
                    $"{what} did not go to {node.Peer}, which cannot read {limit}; with it, {missed} frames for all have not gone there.",
                    peer: node.Peer),
                node.Peer);
        }
    }

    /// <summary>Whom errors go to: the originals ask the frame, not the connection.</summary>
    private BridgeNode? AskerOf(BridgeNode from, in FlicFrame frame) =>
        !_trustsNames ? from : frame.NodeName.IsEmpty ? Names.Find("undefined") : Names.Find(JsonText.Unquote(frame.NodeName.Span));

    private BridgeNode? FindNext(ref JsonItems items) =>
        items.MoveNext() && items.Kind == JsonTokenType.String ? Names.Find(JsonText.Unquote(items.Current.Span)) : null;

    /// <summary>The same text for the same id: who answers may have written it anew.</summary>
    private static string KeyOf(ReadOnlyMemory<byte> id) =>
        Encoding.UTF8.GetString(id.Span.Contains((byte)'\\') && id.Span[0] == '"' ? JsonText.Quote(JsonText.Unquote(id.Span)) : id.Span);
}
