namespace Link.Masterless;

/// <summary>Which ids are names. A node of Link that has no name takes <c>~</c> and 32 random hex digits for its id.</summary>
internal static class NodeName
{
    /// <summary>An id for a node without a name.</summary>
    public static string NewNobody() => $"~{Guid.NewGuid():N}";

    /// <summary>The name of the node with that id; null when it has none.</summary>
    public static string? Of(string id) => id is ['~', .. { Length: 32 } digits] && digits.All(char.IsAsciiHexDigit) ? null : id;
}
