using Link.Abstractions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Link.Tests;

public sealed class ServerOptionsTests
{
    [Fact]
    public void The_defaults_are_as_documented() => Assert.Equal(
        new ServerOptions
        {
            AppSpace = "app.",
            SocketRoot = "/tmp/",
            Id = null,
            Retry = TimeSpan.FromMilliseconds(500),
            MaxRetries = null,
            MaxConnections = 1024,
            Unlink = true,
            TrustedUserIds = [],
            RequestTimeout = TimeSpan.FromSeconds(30),
            WaitForPeer = TimeSpan.Zero,
            MaxFrameBytes = 16 * 1024 * 1024,
            OutboundBacklogBytes = 32 * 1024 * 1024,
            UnfinishedFrameTimeout = TimeSpan.FromSeconds(30),
            WriteTimeout = TimeSpan.FromSeconds(10),
            MaxPendingRequests = 100_000,
            HandlerConcurrency = 1024,
            DrainTimeout = TimeSpan.FromSeconds(5),
            Serializer = NewtonsoftSerializer.Default,
            LoggerFactory = NullLoggerFactory.Instance,
            TimeProvider = TimeProvider.System,
            AllowMultiple = false,
            LowLatency = false,
            Transport = null,
        },
        new ServerOptions());

    private static TimeSpan TooLong => TimeSpan.FromDays(40) + TimeSpan.FromTicks(1);

    public static TheoryData<string, ServerOptions> Refused => new()
    {
        { "SocketRoot", new() { SocketRoot = "" } },
        { "Retry", new() { Retry = TimeSpan.FromMicroseconds(999) } },
        { "Retry", new() { Retry = Timeout.InfiniteTimeSpan } },
        { "MaxRetries", new() { MaxRetries = -1 } },
        { "MaxConnections", new() { MaxConnections = 0 } },
        { "RequestTimeout", new() { RequestTimeout = TimeSpan.Zero } },
        { "RequestTimeout", new() { RequestTimeout = TimeSpan.FromSeconds(-1) } },
        { "WaitForPeer", new() { WaitForPeer = TimeSpan.FromSeconds(-1) } },
        { "MaxFrameBytes", new() { MaxFrameBytes = 63 } },
        { "MaxFrameBytes", new() { MaxFrameBytes = (1 << 30) + 1, OutboundBacklogBytes = int.MaxValue } },
        { "OutboundBacklogBytes", new() { MaxFrameBytes = 1000, OutboundBacklogBytes = 999 } },
        { "UnfinishedFrameTimeout", new() { UnfinishedFrameTimeout = TimeSpan.Zero } },
        { "UnfinishedFrameTimeout", new() { UnfinishedFrameTimeout = TimeSpan.FromSeconds(-1) } },
        { "WriteTimeout", new() { WriteTimeout = TimeSpan.Zero } },
        { "WriteTimeout", new() { WriteTimeout = TimeSpan.FromSeconds(-1) } },
        { "MaxPendingRequests", new() { MaxPendingRequests = 0 } },
        { "HandlerConcurrency", new() { HandlerConcurrency = 0 } },
        { "DrainTimeout", new() { DrainTimeout = TimeSpan.FromTicks(-1) } },
        { "Retry", new() { Retry = TooLong } },
        { "DrainTimeout", new() { DrainTimeout = TooLong } },
        { "UnfinishedFrameTimeout", new() { UnfinishedFrameTimeout = TooLong } },
        { "WriteTimeout", new() { WriteTimeout = TooLong } },
        { "AppSpace", new() { AppSpace = null! } },
        { "SocketRoot", new() { SocketRoot = null! } },
        { "TrustedUserIds", new() { TrustedUserIds = null! } },
        { "Serializer", new() { Serializer = null! } },
        { "LoggerFactory", new() { LoggerFactory = null! } },
        { "TimeProvider", new() { TimeProvider = null! } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_outside_its_range_is_refused_by_name(string name, ServerOptions options) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => new Server("one", options with { AllowMultiple = true })).ParamName);

    public static TheoryData<ServerOptions> Allowed => [
        new() { Retry = TimeSpan.FromMilliseconds(1), MaxRetries = 0, MaxConnections = 1 },
        new() { RequestTimeout = TimeSpan.FromTicks(1), WaitForPeer = Timeout.InfiniteTimeSpan, DrainTimeout = TimeSpan.Zero },
        new() { RequestTimeout = Timeout.InfiniteTimeSpan, UnfinishedFrameTimeout = Timeout.InfiniteTimeSpan, WriteTimeout = Timeout.InfiniteTimeSpan },
        new() { MaxFrameBytes = 64, OutboundBacklogBytes = 64, MaxPendingRequests = 1, HandlerConcurrency = 1 },
        new() { MaxFrameBytes = 1 << 30, OutboundBacklogBytes = 1 << 30 },
        new()
        {
            RequestTimeout = TimeSpan.MaxValue,
            WaitForPeer = TimeSpan.MaxValue,
            Retry = TimeSpan.FromDays(40),
            DrainTimeout = TimeSpan.FromDays(40),
            UnfinishedFrameTimeout = TimeSpan.FromDays(40),
            WriteTimeout = TimeSpan.FromDays(40),
        },
        new() { MaxPendingRequests = int.MaxValue, HandlerConcurrency = int.MaxValue, MaxConnections = int.MaxValue, MaxRetries = int.MaxValue }];

    [Theory]
    [MemberData(nameof(Allowed))]
    public async Task The_ends_of_the_ranges_are_allowed(ServerOptions options)
    {
        var server = new Server("one", options with { AllowMultiple = true });
        await Testing.Within.Deadline(server.DisposeAsync());
    }
}
