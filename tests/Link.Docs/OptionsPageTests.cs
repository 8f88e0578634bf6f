using System.Reflection;
using Link.Docs.Pages;

namespace Link.Docs;

/// <summary>The table of options.md agrees with <see cref="ServerOptions"/>.</summary>
public class OptionsPageTests
{
    private static readonly PropertyInfo[] Properties =
        OptionTables.PropertiesOf(typeof(ServerOptions));

    private static readonly Dictionary<string, string[]> Rows = Repository.Doc("options").Prose
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1])
        .ToDictionary(cells => cells[0].Trim('`'));

    [Fact]
    public void Every_option_has_one_row_and_every_row_an_option() =>
        Assert.Equal(Properties.Select(property => property.Name).Order(StringComparer.Ordinal), Rows.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Every_row_has_unit_default_range_and_effect() =>
        Assert.All(Rows.Values, cells =>
        {
            Assert.Equal(5, cells.Length);
            Assert.All(cells, Assert.NotEmpty);
        });

    [Fact]
    public void The_defaults_are_those_of_the_code()
    {
        var defaults = new ServerOptions();
        Assert.All(Properties, property => Assert.Equal(
            $"{property.Name}: {OptionTables.Show(property.Name, property.GetValue(defaults))}", $"{property.Name}: {Rows[property.Name][2]}"));
    }

    [Theory]
    [MemberData(nameof(OutsideOfTheRange))]
    public void A_value_outside_of_the_range_is_refused(string name, object value)
    {
        Assert.Contains(Properties, property => property.Name == name);
        Assert.ThrowsAny<ArgumentException>(() => new Server("s", With(name, value)));
    }

    [Theory]
    [MemberData(nameof(AtTheEdge))]
    public async Task A_value_at_the_edge_of_the_range_is_taken(string name, object value)
    {
        await using var server = new Server("s", With(name, value));
        Assert.Equal("s", server.Name);
    }

    public static TheoryData<string, object> OutsideOfTheRange() => new()
    {
        { nameof(ServerOptions.SocketRoot), "" },
        { nameof(ServerOptions.SocketRoot), "/tmp" },
        { nameof(ServerOptions.Retry), TimeSpan.FromMilliseconds(0.5) },
        { nameof(ServerOptions.Retry), TimeSpan.FromDays(41) },
        { nameof(ServerOptions.MaxRetries), -1 },
        { nameof(ServerOptions.MaxConnections), 0 },
        { nameof(ServerOptions.RequestTimeout), TimeSpan.Zero },
        { nameof(ServerOptions.WaitForPeer), TimeSpan.FromMilliseconds(-2) },
        { nameof(ServerOptions.MaxFrameBytes), 63 },
        { nameof(ServerOptions.MaxFrameBytes), (1 << 30) + 1 },
        { nameof(ServerOptions.OutboundBacklogBytes), (16 * 1024 * 1024) - 1 },
        { nameof(ServerOptions.MaxFrameBytes), (32 * 1024 * 1024) + 1 },
        { nameof(ServerOptions.UnfinishedFrameTimeout), TimeSpan.Zero },
        { nameof(ServerOptions.UnfinishedFrameTimeout), TimeSpan.FromDays(41) },
        { nameof(ServerOptions.WriteTimeout), TimeSpan.Zero },
        { nameof(ServerOptions.WriteTimeout), TimeSpan.FromDays(41) },
        { nameof(ServerOptions.MaxPendingRequests), 0 },
        { nameof(ServerOptions.HandlerConcurrency), 0 },
        { nameof(ServerOptions.DrainTimeout), TimeSpan.FromMilliseconds(-2) },
        { nameof(ServerOptions.DrainTimeout), TimeSpan.FromDays(41) },
    };

    public static TheoryData<string, object> AtTheEdge() => new()
    {
        { nameof(ServerOptions.AppSpace), "" },
        { nameof(ServerOptions.Retry), TimeSpan.FromMilliseconds(1) },
        { nameof(ServerOptions.MaxRetries), 0 },
        { nameof(ServerOptions.MaxConnections), 1 },
        { nameof(ServerOptions.RequestTimeout), Timeout.InfiniteTimeSpan },
        { nameof(ServerOptions.RequestTimeout), TimeSpan.FromDays(41) },
        { nameof(ServerOptions.DrainTimeout), TimeSpan.FromDays(40) },
        { nameof(ServerOptions.WaitForPeer), Timeout.InfiniteTimeSpan },
        { nameof(ServerOptions.MaxFrameBytes), 64 },
        { nameof(ServerOptions.OutboundBacklogBytes), 16 * 1024 * 1024 },
        { nameof(ServerOptions.UnfinishedFrameTimeout), Timeout.InfiniteTimeSpan },
        { nameof(ServerOptions.WriteTimeout), Timeout.InfiniteTimeSpan },
        { nameof(ServerOptions.MaxPendingRequests), 1 },
        { nameof(ServerOptions.HandlerConcurrency), 1 },
        { nameof(ServerOptions.DrainTimeout), TimeSpan.Zero },
    };

    private static ServerOptions With(string name, object value)
    {
        var options = new ServerOptions { AllowMultiple = true };
        Properties.Single(property => property.Name == name).SetValue(options, value);
        return options;
    }
}
