using Link.Logging;

namespace Link.Flic;

/// <summary>Whom an event is told.</summary>
/// <param name="Node">The node.</param>
/// <param name="Event">The event.</param>
internal readonly record struct TellTarget(string Node, string Event)
{
    /// <summary>Reads <c>node:event</c>.</summary>
    /// <exception cref="ArgumentException">There is not exactly one colon.</exception>
    public static TellTarget Parse(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var colon = target.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0 && colon == target.LastIndexOf(':')
            ? new TellTarget(target[..colon], target[(colon + 1)..])
            : throw new ArgumentException($"'{Shown.Text(target)}' does not say node:event, with exactly one colon.", nameof(target));
    }

    /// <summary>As a message may show it.</summary>
    public override string ToString() => $"{Shown.Text(Node)}:{Shown.Text(Event)}";
}
