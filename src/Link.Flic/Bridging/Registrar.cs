using Link.Abstractions;
using Link.Abstractions.Json;
using Link.Flic.Frames;

namespace Link.Flic;

/// <summary>Gives names to connections and takes them back (SPEC.md, "flic: bridge").</summary>
internal sealed class Registrar(FlicBridgeOptions options, BridgeEvents events)
{
    // Kept as long as the connection: a peer must not decide how much that is.
    internal const int LongestName = 1024;

    private readonly bool _trustsNames = options.CompatibleSenders;

    /// <summary>Who has which name.</summary>
    public NameTable Names { get; } = new(options.MaxNodes);

    /// <summary>Answers an IDENT.</summary>
    public void Register(BridgeNode node, in FlicFrame frame)
    {
        var id = frame.Id;
        var name = frame.NodeName.IsEmpty ? (_trustsNames ? "undefined" : "") : JsonText.Unquote(frame.NodeName.Span);
        if (!_trustsNames && node.Names.Contains(name))
        {
            node.Answer(node, id, BridgeAnswers.NoError);
            return;
        }

        var isNewcomer = node.State != NodeState.Registered;
        var refusal = FlicErrors.NotRegistered;
        if (frame.NodeName.Length <= LongestName && (_trustsNames || (isNewcomer && name.Length > 0)))
        {
            refusal = Names.Register(name, node, () => node.Answer(node, id, BridgeAnswers.NoError));
        }

        if (refusal is null)
        {
            node.BecomeRegistered(name, JsonText.Quote(name));
            events.Post(new BridgeEvent(BridgeEventKind.Joined, name, node.Peer with { Name = name }, Error: null));
            return;
        }

        node.Refuse(node, id, refusal);
        if (isNewcomer)
        {
            node.BecomeNameless();
        }
    }

    /// <summary>Frees all names of a connection.</summary>
    public void Release(BridgeNode node, LinkException? cause)
    {
        // Before the names are free: nobody can have joined under one of them whose last holder has not left.
        foreach (var name in node.Names)
        {
            events.Post(new BridgeEvent(BridgeEventKind.Left, name, node.Peer with { Name = name }, cause));
        }

        Names.Release(node);
        node.BecomeNameless();
    }
}
