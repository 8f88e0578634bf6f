namespace Link.Testing;

/// <summary>Names that no other test uses, short enough for a socket path.</summary>
public static class TestNames
{
    private const string Base36 = "0123456789abcdefghijklmnopqrstuvwxyz";

    /// <summary>The prefix, a hyphen and eight random base36 characters.</summary>
    public static string Next(string prefix = "t") => $"{prefix}-{Random.Shared.GetString(Base36, 8)}";
}
