using System.Globalization;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Link.Tests.Faults;

namespace Link.Tests.Cli;

[UnsupportedOSPlatform("windows")]
public sealed class LsTests : IAsyncLifetime
{
    private readonly Bench _bench = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _bench.DisposeAsync().AsTask();

    [Fact]
    public async Task Live_names_and_stale_files_are_told_apart()
    {
        await _bench.StartEchoAsync("world");
        LeaveStale("gone");
        await File.WriteAllTextAsync(_bench.PathOf("notes"), "no socket");

        var ending = await ListAsync();

        Assert.Equal((0, ""), (ending.Code, ending.Errors));
        var lines = ending.Output.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(
            [
                ["NAME", "STATE", "USER", "PID", "PATH"],
                ["gone", "stale", "-", "-", _bench.PathOf("gone")],
                ["world", "live", OwnUser(), Environment.ProcessId.ToString(CultureInfo.InvariantCulture), _bench.PathOf("world")],
            ],
            lines);
        Assert.True(File.Exists(_bench.PathOf("gone")));
    }

    [Fact]
    public async Task No_line_ends_with_blanks()
    {
        await _bench.StartEchoAsync("a-long-name");
        await _bench.StartEchoAsync("b");

        Assert.All((await ListAsync()).Output.Split('\n'), line => Assert.Equal(line.TrimEnd(), line));
    }

    [Fact]
    public async Task With_json_each_name_is_an_object()
    {
        await _bench.StartEchoAsync("world");
        LeaveStale("gone");

        var ending = await ListAsync("--json");

        var names = ending.Output.Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal([("gone", "stale"), ("world", "live")], names.Select(name => ((string)name["name"]!, (string)name["state"]!)));
        Assert.Null(names[0]["pid"]);
        Assert.Equal(Environment.ProcessId, (int)names[1]["pid"]!);
    }

    [Fact]
    public async Task Names_of_another_application_are_not_listed()
    {
        await _bench.StartEchoAsync("world");
        await _bench.StartEchoAsync("till", options => options with { AppSpace = "shop." });

        var ending = await ListAsync("--app-space", "shop.", "--json");

        Assert.Equal("till", (string?)JsonNode.Parse(ending.Output)!["name"]);
    }

    [Fact]
    public async Task A_process_of_another_user_is_live_too()
    {
        if (!HostProcess.CanBecomeNobody)
        {
            return;
        }

        await using var host = await HostProcess.StartAsync(_bench, "other", asNobody: true);

        var entry = JsonNode.Parse((await ListAsync("--json")).Output)!;

        Assert.Equal(("other", "live"), ((string?)entry["name"], (string?)entry["state"]));
        Assert.Equal((HostProcess.Nobody, host.ProcessId), ((uint)entry["user"]!, (int)entry["pid"]!));
    }

    [Fact]
    public async Task Where_nobody_is_nothing_is_printed() => Assert.Equal(new Ending(0, "", ""), await ListAsync());

    [Fact]
    public async Task A_directory_that_is_not_there_is_an_error()
    {
        var ending = await LinkProgram.RunAsync("ls", "--socket-root", _bench.Directory.File("missing"));

        Assert.Equal((6, ""), (ending.Code, ending.Output));
        Assert.StartsWith("link: ", Assert.Single(ending.Errors.Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_gets_colours_unless_they_are_not_wanted_and_a_pipe_gets_none()
    {
        await _bench.StartEchoAsync("world");
        var command = $"'{LinkProgram.DotnetHost}' exec '{LinkProgram.Path}' ls --socket-root {_bench.Directory.Path}";

        var coloured = await LinkProgram.RunBashAsync($"TERM=xterm script -qec \"{command}\" /dev/null");
        var plain = await LinkProgram.RunBashAsync($"NO_COLOR=1 TERM=xterm script -qec \"{command}\" /dev/null");
        var piped = await LinkProgram.RunBashAsync($"TERM=xterm {command} | cat");

        Assert.Contains("\e[1mNAME", coloured.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[1m", plain.Output, StringComparison.Ordinal);
        Assert.Contains("NAME", plain.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("\e", piped.Output, StringComparison.Ordinal);
        Assert.Contains("NAME", piped.Output, StringComparison.Ordinal);
    }

    private Task<Ending> ListAsync(params string[] more) => LinkProgram.RunAsync(["ls", "--socket-root", _bench.Directory.Path, .. more]);

    /// <summary>Makes a socket file as a killed process leaves it.</summary>
    private void LeaveStale(string name)
    {
        var path = _bench.PathOf(name);
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path + ".new"));
            File.Move(path + ".new", path);
        }
    }

    private static string OwnUser() => File.ReadLines("/proc/self/status").Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];
}
