namespace Link.Flic;

/// <summary>A TELL that was passed on and has no answer yet.</summary>
/// <param name="asker">Who waits.</param>
/// <param name="id">The JSON text of the id, as an answer must name it.</param>
/// <param name="told">Who alone may answer.</param>
internal sealed class OpenTell(BridgeNode asker, string id, BridgeNode told)
{
    /// <summary>Who waits.</summary>
    public BridgeNode Asker => asker;

    /// <summary>The JSON text of the id, as an answer must name it.</summary>
    public string Id => id;

    /// <summary>Who alone may answer.</summary>
    public BridgeNode Told => told;
}

/// <summary>The part of <see cref="OpenTells"/> that belongs to one connection; only that class touches it.</summary>
internal sealed class TellLedger
{
    /// <summary>What this connection waits for, the oldest first.</summary>
    public LinkedList<OpenTell> Asked { get; } = [];

    /// <summary>The same by id.</summary>
    public Dictionary<string, LinkedListNode<OpenTell>> ById { get; } = new(StringComparer.Ordinal);

    /// <summary>What others wait for from this connection.</summary>
    public HashSet<OpenTell> Told { get; } = [];

    /// <summary>Whether the connection has ended: nobody may wait for it any more.</summary>
    public bool IsOver { get; set; }
}

/// <summary>
/// Who waits for whose answer. Bounded for each asking connection: beyond it the oldest is forgotten, since what nobody listens to is never
/// answered. Safe for concurrent use.
/// </summary>
/// <param name="maxPerNode">How many one connection may wait for.</param>
internal sealed class OpenTells(int maxPerNode)
{
    private readonly Lock _gate = new();

    /// <summary>Remembers a TELL; an earlier one of the same id is forgotten.</summary>
    /// <returns>False when the one who is told has ended.</returns>
    public bool TryAdd(BridgeNode asker, string id, BridgeNode told)
    {
        lock (_gate)
        {
            if (told.Tells.IsOver)
            {
                return false;
            }

            var asked = asker.Tells;
            if (asked.ById.TryGetValue(id, out var earlier))
            {
                Remove(earlier);
            }
            else if (asked.Asked.Count >= maxPerNode)
            {
                Remove(asked.Asked.First!);
            }

            var tell = new OpenTell(asker, id, told);
            asked.ById[id] = asked.Asked.AddLast(tell);
            told.Tells.Told.Add(tell);
            return true;
        }
    }

    /// <summary>Takes a TELL out.</summary>
    /// <returns>False when there is none of that id, or somebody else was told.</returns>
    public bool TryTake(BridgeNode asker, string id, BridgeNode told)
    {
        lock (_gate)
        {
            if (!asker.Tells.ById.TryGetValue(id, out var found) || found.Value.Told != told)
            {
                return false;
            }

            Remove(found);
            return true;
        }
    }

    /// <summary>Forgets a connection that has ended.</summary>
    /// <returns>What others wait for from it, and will not get.</returns>
    public IReadOnlyList<OpenTell> End(BridgeNode node)
    {
        lock (_gate)
        {
            node.Tells.IsOver = true;
            while (node.Tells.Asked.First is { } own)
            {
                Remove(own);
            }

            return TakeTold(node);
        }
    }

    /// <summary>Nobody gets an answer any more from a node that has left.</summary>
    /// <returns>What others wait for from it.</returns>
    public IReadOnlyList<OpenTell> Leave(BridgeNode node)
    {
        lock (_gate)
        {
            return TakeTold(node);
        }
    }

    private static OpenTell[] TakeTold(BridgeNode node)
    {
        OpenTell[] unanswered = [.. node.Tells.Told];
        foreach (var tell in unanswered)
        {
            Remove(tell.Asker.Tells.ById[tell.Id]);
        }

        return unanswered;
    }

    private static void Remove(LinkedListNode<OpenTell> entry)
    {
        var tell = entry.Value;
        tell.Asker.Tells.Asked.Remove(entry);
        tell.Asker.Tells.ById.Remove(tell.Id);
        tell.Told.Tells.Told.Remove(tell);
    }
}
