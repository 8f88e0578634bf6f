namespace Link.Masterless;

/// <summary>Which ids are names. A node of Link that has no name takes a new uuid, with its dashes, for its id.</summary>
internal static class NodeName
{
    /// <summary>An id for a node without a name.</summary>
    public static string NewNobody() => Guid.NewGuid().ToString();

    /// <summary>The name of the node with that id; null when it has none.</summary>
    public static string? Of(string id) => Guid.TryParseExact(id, "D", out _) ? null : id;
}
