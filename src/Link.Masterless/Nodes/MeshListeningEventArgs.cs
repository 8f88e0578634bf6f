namespace Link.Masterless;

/// <summary>A node listens.</summary>
public sealed class MeshListeningEventArgs : EventArgs
{
    internal MeshListeningEventArgs(string info) => Info = info;

    /// <summary>Where others reach it, such as <c>tcp://127.0.0.1:2435</c>.</summary>
    public string Info { get; }
}
