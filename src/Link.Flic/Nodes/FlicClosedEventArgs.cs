namespace Link.Flic;

/// <summary>The bridge stops.</summary>
public sealed class FlicClosedEventArgs : EventArgs
{
    internal FlicClosedEventArgs(FlicArguments parting) => Parting = parting;

    /// <summary>What it was closed with.</summary>
    public FlicArguments Parting { get; }
}
