using Link.Abstractions;

namespace Link.Benchmarks;

/// <summary>What is sent: JSON objects with one member, of exactly the sizes that the bare socket carries.</summary>
internal static class Payloads
{
    public const int SmallBytes = 64;
    public const int MediumBytes = 64 * 1024;
    public const int LargeBytes = 1024 * 1024;
    public const int InFlight = 256;

    /// <summary>Few enough that the buffers of the operating system hold them all: more would be lost, and a loss measures the timeout.</summary>
    public const int DatagramsInFlight = 32;

    public const int MediumInFlight = 8;

    public static Payload Small { get; } = Make(SmallBytes);

    public static Payload Medium { get; } = Make(MediumBytes);

    public static Payload Large { get; } = Make(LargeBytes);

    /// <summary>The text in a small payload.</summary>
    public static string SmallContent { get; } = Content(SmallBytes);

    private static string Content(int bytes) => new('x', bytes - """{"content":""}""".Length);

    private static Payload Make(int bytes) => Payload.FromJson($$"""{"content":"{{Content(bytes)}}"}""");
}
