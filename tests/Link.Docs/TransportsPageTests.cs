using System.Reflection;
using Link.Docs.Pages;
using Link.NodeIpc;
using Link.Streams;
using Link.Streams.Datagrams;
using Link.Streams.Endpoints;
using Link.Streams.Tls;

namespace Link.Docs;

/// <summary>The tables of transports.md agree with the code.</summary>
public class TransportsPageTests
{
    private static readonly Dictionary<string, string[][]> Tables = OptionTables.Read("transports");

    private static readonly object[] Defaults =
        [new NodeIpcOptions(), new StreamLimits(), new TlsOptions(), new DatagramLimits(), new ResendOptions()];

    public static TheoryData<string> Types => [.. Defaults.Select(options => options.GetType().Name)];

    [Fact]
    public void Every_kind_of_endpoint_has_a_row_with_an_example_of_it()
    {
        var rows = Tables["Endpoints"];
        var examples = rows.Select(cells => Endpoint.Parse(cells[1].Trim('`'))).ToArray();

        Assert.Equal(Enum.GetValues<EndpointKind>().Order(), examples.Select(endpoint => endpoint.Kind).Order());
        Assert.Equal(rows.Select(cells => cells[1].Trim('`')), examples.Select(endpoint => endpoint.ToString()));
        Assert.All(rows, cells => Assert.Equal(cells[0].Trim('`').Split(':')[0], cells[1].Trim('`').Split(':')[0]));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_option_has_one_row_and_every_row_an_option(string type) => Assert.Equal(
        PropertiesOf(type).Select(property => property.Name).Order(StringComparer.Ordinal),
        Tables[type].Select(cells => cells[0].Trim('`')).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_row_has_default_range_and_effect(string type) => Assert.All(Tables[type], cells =>
    {
        Assert.Equal(4, cells.Length);
        Assert.All(cells, Assert.NotEmpty);
    });

    [Theory]
    [MemberData(nameof(Types))]
    public void The_defaults_are_those_of_the_code(string type)
    {
        var rows = Tables[type].ToDictionary(cells => cells[0].Trim('`'), cells => cells[1]);
        Assert.All(PropertiesOf(type), property => Assert.Equal(
            $"{property.Name}: {OptionTables.Show(property.Name, property.GetValue(DefaultOf(type)))}", $"{property.Name}: {rows[property.Name]}"));
    }

    [Theory]
    [MemberData(nameof(OutsideOfTheRange))]
    public void A_value_outside_of_the_range_is_refused(string type, string name, object value) =>
        Assert.ThrowsAny<ArgumentException>(() => Make(type, name, value));

    [Theory]
    [MemberData(nameof(AtTheEdge))]
    public async Task A_value_at_the_edge_of_the_range_is_taken(string type, string name, object value)
    {
        await using var transport = Make(type, name, value);
        Assert.Null(transport.Endpoint);
    }

    public static TheoryData<string, string, object> OutsideOfTheRange() => new()
    {
        { nameof(NodeIpcOptions), nameof(NodeIpcOptions.Peers), new Dictionary<string, string> { ["shop"] = "http://localhost:80" } },
        { nameof(NodeIpcOptions), nameof(NodeIpcOptions.ListenOn), "tcp://localhost" },
        { nameof(NodeIpcOptions), nameof(NodeIpcOptions.SocketRoot), "/tmp" },
        { nameof(NodeIpcOptions), nameof(NodeIpcOptions.MaxConnections), 0 },
        { nameof(NodeIpcOptions), nameof(NodeIpcOptions.ConnectTimeout), TimeSpan.Zero },
        { nameof(NodeIpcOptions), nameof(NodeIpcOptions.DeadPeerTimeout), TimeSpan.FromSeconds(2) },
        { nameof(NodeIpcOptions), nameof(NodeIpcOptions.DeadPeerTimeout), TimeSpan.FromHours(2) },
        { nameof(TlsOptions), nameof(TlsOptions.CertificateFile), "/tmp/there-is-no-such-file.pem" },
        { nameof(TlsOptions), nameof(TlsOptions.KeyFile), "/tmp/there-is-no-such-file.key" },
        { nameof(TlsOptions), nameof(TlsOptions.TrustedFiles), new[] { "/tmp/there-is-no-such-file.pem" } },
        { nameof(TlsOptions), nameof(TlsOptions.HandshakeTimeout), TimeSpan.Zero },
        { nameof(TlsOptions), nameof(TlsOptions.HandshakeTimeout), TimeSpan.FromHours(2) },
        { nameof(DatagramLimits), nameof(DatagramLimits.MaxDatagramBytes), 63 },
        { nameof(DatagramLimits), nameof(DatagramLimits.MaxDatagramBytes), 65_508 },
        { nameof(DatagramLimits), nameof(DatagramLimits.IdleTimeout), TimeSpan.Zero },
        { nameof(DatagramLimits), nameof(DatagramLimits.IdleTimeout), TimeSpan.FromDays(2) },
        { nameof(DatagramLimits), nameof(DatagramLimits.ReceiveBacklogBytes), (64 * 1024) - 1 },
        { nameof(ResendOptions), nameof(ResendOptions.Interval), TimeSpan.Zero },
        { nameof(ResendOptions), nameof(ResendOptions.Interval), TimeSpan.FromMinutes(2) },
        { nameof(ResendOptions), nameof(ResendOptions.Count), 0 },
        { nameof(ResendOptions), nameof(ResendOptions.Count), 21 },
        { nameof(ResendOptions), nameof(ResendOptions.MaxUnansweredBytes), (64 * 1024) - 1 },
        { nameof(ResendOptions), nameof(ResendOptions.MaxRememberedBytes), (64 * 1024) - 1 },
        { nameof(ResendOptions), nameof(ResendOptions.RememberFor), TimeSpan.Zero },
        { nameof(ResendOptions), nameof(ResendOptions.RememberFor), TimeSpan.FromHours(2) },
        { nameof(StreamLimits), nameof(StreamLimits.MaxFrameBytes), 63 },
        { nameof(StreamLimits), nameof(StreamLimits.OutboundBacklogBytes), (16 * 1024 * 1024) - 1 },
        { nameof(StreamLimits), nameof(StreamLimits.UnfinishedFrameTimeout), TimeSpan.Zero },
        { nameof(StreamLimits), nameof(StreamLimits.WriteTimeout), TimeSpan.FromDays(41) },
    };

    public static TheoryData<string, string, object> AtTheEdge() => new()
    {
        { nameof(NodeIpcOptions), nameof(NodeIpcOptions.AppSpace), "" },
        { nameof(NodeIpcOptions), nameof(NodeIpcOptions.MaxConnections), 1 },
        { nameof(NodeIpcOptions), nameof(NodeIpcOptions.DeadPeerTimeout), TimeSpan.FromSeconds(3) },
        { nameof(NodeIpcOptions), nameof(NodeIpcOptions.DeadPeerTimeout), TimeSpan.FromHours(1) },
        { nameof(TlsOptions), nameof(TlsOptions.HandshakeTimeout), TimeSpan.FromHours(1) },
        { nameof(DatagramLimits), nameof(DatagramLimits.MaxDatagramBytes), 64 },
        { nameof(DatagramLimits), nameof(DatagramLimits.IdleTimeout), TimeSpan.FromDays(1) },
        { nameof(DatagramLimits), nameof(DatagramLimits.ReceiveBacklogBytes), 64 * 1024 },
        { nameof(ResendOptions), nameof(ResendOptions.Interval), TimeSpan.FromMinutes(1) },
        { nameof(ResendOptions), nameof(ResendOptions.Count), 1 },
        { nameof(ResendOptions), nameof(ResendOptions.Count), 20 },
        { nameof(ResendOptions), nameof(ResendOptions.MaxUnansweredBytes), 64 * 1024 },
        { nameof(ResendOptions), nameof(ResendOptions.MaxRememberedBytes), 64 * 1024 },
        { nameof(ResendOptions), nameof(ResendOptions.RememberFor), TimeSpan.FromHours(1) },
        { nameof(StreamLimits), nameof(StreamLimits.MaxFrameBytes), 64 },
        { nameof(StreamLimits), nameof(StreamLimits.WriteTimeout), Timeout.InfiniteTimeSpan },
    };

    private static object DefaultOf(string type) => Defaults.Single(options => options.GetType().Name == type);

    private static PropertyInfo[] PropertiesOf(string type) => OptionTables.PropertiesOf(DefaultOf(type).GetType());

    private static NodeIpcTransport Make(string type, string name, object value)
    {
        var options = Activator.CreateInstance(DefaultOf(type).GetType())!;
        PropertiesOf(type).Single(property => property.Name == name).SetValue(options, value);
        return new NodeIpcTransport(options switch
        {
            StreamLimits limits => new NodeIpcOptions { Limits = limits },
            TlsOptions tls => new NodeIpcOptions { Tls = tls },
            DatagramLimits datagrams => new NodeIpcOptions { Datagrams = datagrams },
            ResendOptions resend => new NodeIpcOptions { Resend = resend },
            _ => (NodeIpcOptions)options,
        });
    }
}
