using System.Net;
using Link.Abstractions;
using Link.NodeIpc.Events;
using Link.Streams.Endpoints;
using Link.Testing;
using Link.Tests.Faults;
using Microsoft.Extensions.Logging;

namespace Link.Tests.NodeIpc.Events;

/// <summary>The options: node-ipc's defaults, and what is refused.</summary>
public sealed class IpcOptionsTests : IpcTest
{
    public static TheoryData<string, IpcOptions> Wrong => new()
    {
        { "Id", new IpcOptions { Id = "" } },
        { "SocketRoot", new IpcOptions { SocketRoot = "/tmp" } },
        { "host", new IpcOptions { NetworkHost = "a b" } },
        { "port", new IpcOptions { NetworkPort = 65_536 } },
        { "Encoding", new IpcOptions { Encoding = (IpcEncoding)99 } },
        { "MaxConnections", new IpcOptions { MaxConnections = 0 } },
        { "MaxRetries", new IpcOptions { MaxRetries = -1 } },
        { "Retry", new IpcOptions { Retry = TimeSpan.Zero } },
        { "SyncTimeout", new IpcOptions { SyncTimeout = TimeSpan.FromDays(41) } },
        { "MaxQueuedEvents", new IpcOptions { MaxQueuedEvents = 0 } },
        { "MaxQueuedEventBytes", new IpcOptions { MaxQueuedEventBytes = 0 } },
        { "MaxQueuedEmits", new IpcOptions { MaxQueuedEmits = 0 } },
        { "LocalPort", new IpcOptions { Interface = new LocalInterface { LocalPort = -1 } } },
    };

    [Fact]
    public void The_defaults_are_those_of_the_original()
    {
        var options = new IpcOptions();

        Assert.Equal(("app.", "/tmp/", Dns.GetHostName()), (options.AppSpace, options.SocketRoot, options.Id));
        Assert.Equal(("127.0.0.1", 8000), (options.NetworkHost, options.NetworkPort));
        Assert.Equal((IpcEncoding.Utf8, '\f', false, false), (options.Encoding, options.Delimiter, options.RawBuffer, options.Sync));
        Assert.Equal((100, TimeSpan.FromMilliseconds(500), null, false), (options.MaxConnections, options.Retry, options.MaxRetries, options.StopRetrying));
        Assert.Equal((true, null, false), (options.Unlink, options.Tls, options.Silent));
        Assert.Equal(new LocalInterface(), options.Interface);
        options.Validate();
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_outside_its_range_is_refused_by_name(string name, IpcOptions options) =>
        Assert.Equal(name, Assert.ThrowsAny<ArgumentException>(() => new Ipc(options)).ParamName);

    [Theory]
    [InlineData(' ')]
    [InlineData('|')]
    [InlineData('\u007f')]
    [InlineData('é')]
    public void A_delimiter_that_may_stand_inside_JSON_is_refused(char delimiter) =>
        Assert.Equal("Delimiter", Assert.Throws<ArgumentException>(() => new Ipc(new IpcOptions { Delimiter = delimiter })).ParamName);

    [Theory]
    [InlineData('\0')]
    [InlineData('\n')]
    [InlineData('\u001f')]
    public async Task Any_control_character_may_be_the_delimiter(char delimiter)
    {
        var (server, client) = await MakePairAsync(options => options with { Delimiter = delimiter });
        var seen = new Seen();
        server.Server.On("message", message => seen.Add(message.As<string>()!));

        await client.EmitAsync("message", $"a{delimiter}b\f");
        await client.EmitAsync("message", "c");

        Assert.Equal([$"a{delimiter}b\f", "c"], await seen.NextAsync(2));
    }

    [Fact]
    public async Task Ready_JSON_that_holds_the_delimiter_is_refused()
    {
        var (_, client) = await MakePairAsync(options => options with { Delimiter = '\n' });

        var error = await Assert.ThrowsAsync<LinkException>(() => client.EmitAsync("message", Payload.FromJson("[\n]")));

        Assert.Equal((LinkError.InvalidData, RequestFate.NotSent), (error.Error, error.Fate));
    }

    [Fact]
    public async Task A_client_dials_from_the_interface_it_is_told()
    {
        var server = Make("world");
        var seen = new Seen();
        server.Server.Connected += (_, e) => seen.Add(e.Socket.Peer.Endpoint);
        var endpoint = await Within.Deadline(server.ServeNetAsync(port: 0));
        var ipc = Make("hello", options => options with { Interface = new LocalInterface { LocalAddress = IPAddress.Parse("127.0.0.2") } });

        await Within.Deadline(ipc.ConnectToNetAsync("world", port: endpoint.Port));

        Assert.StartsWith("tcp://127.0.0.2:", await seen.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_go_through_the_serializer_of_the_options()
    {
        var (server, client) = await MakePairAsync(options => options with { Serializer = new SystemTextJsonSerializer() });
        var seen = new Seen();
        server.Server.On("message", message => seen.Add($"{message.Payload} {message.As<int[]>()!.Length}"));

        await client.EmitAsync("message", new[] { 1, 2 });

        Assert.Equal("[1,2] 2", await seen.NextAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_happens_is_logged_unless_it_is_to_be_silent(bool silent)
    {
        var log = new ListLog();
        var server = Make("world", options => options with { LoggerFactory = log, Silent = silent });

        await Within.Deadline(server.ServeAsync());

        Assert.Equal(silent ? [] : [$"Serving on unix:{Directory.File("app.world")}"], log.Lines);
    }

    [Fact]
    public async Task A_logger_that_fails_ends_nothing()
    {
        var (server, client) = await MakePairAsync(options => options with { LoggerFactory = new BrokenLoggerFactory(makesLoggers: true) });
        var seen = new Seen();
        server.Server.On("message", message => seen.Add(message.As<string>()!));

        await client.EmitAsync("nobody's");
        await client.EmitAsync("message", "hello");

        Assert.Equal("hello", await seen.NextAsync());
    }

    private sealed class ListLog : ILoggerFactory, ILogger
    {
        public List<string> Lines { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
