namespace Link;

/// <summary>What one call may say about itself. Immutable.</summary>
public sealed record SendOptions
{
    /// <summary>
    /// How long this call may take, dialling included. Null (the default) for <see cref="ServerOptions.RequestTimeout"/>;
    /// positive or infinite.
    /// </summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// The id of this request, instead of a generated one. Null by default. Data that has a member <c>id</c> gives the id itself
    /// and must not contradict this one.
    /// </summary>
    public string? Id { get; init; }
}
