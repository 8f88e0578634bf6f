using System.Diagnostics;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Link.Docs.Pages;
using Link.Docs.Running;
using Link.Flic;
using Link.Testing;

namespace Link.Docs;

/// <summary>The commands of command-line.md print what the page says, apart from what differs each time.</summary>
public sealed partial class CommandLinePageTests : IAsyncLifetime
{
    private readonly SocketDirectory _directory = new();
    private readonly Server _world;
    private FlicNode? _greeter;

    public CommandLinePageTests() => _world = new Server("world", new ServerOptions { SocketRoot = _directory.Path, AllowMultiple = true });

    public async Task InitializeAsync()
    {
        _world.OnMessage(message => message.ReplyAsync(new { greeting = $"Hello {message.Data["name"]}!" }));
        await Within.Deadline(_world.StartAsync());
        using var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        left.Bind(new UnixDomainSocketEndPoint(_directory.File("old")));
        File.Move(_directory.File("old"), _directory.File("app.old"));
    }

    public async Task DisposeAsync()
    {
        await Within.Deadline(_world.DisposeAsync());
        await Within.Deadline(_greeter?.DisposeAsync() ?? ValueTask.CompletedTask);
        _directory.Dispose();
    }

    [Fact]
    public async Task The_commands_print_what_the_page_says()
    {
        await using var bridge = ChildProcess.Dotnet("Link.Cli", "bridge", "127.0.0.1:0");
        List<string> printed = [(await bridge.ReadLineAsync())!];
        var address = printed[0]["listening on ".Length..];
        await ConnectGreeterAsync(address);
        foreach (var (command, output) in Steps().Where(step => step.Command != "link bridge"))
        {
            Assert.Equal(Masked(output), Masked(await RunAsync(command, address)));
        }

        await bridge.SignalAsync("INT");
        while (await bridge.ReadLineAsync() is { } line)
        {
            printed.Add(line);
        }

        var shown = Masked(Steps().Single(step => step.Command == "link bridge").Output).Split('\n');
        Assert.Equal(shown.Distinct().Order(StringComparer.Ordinal), Masked(string.Join('\n', printed)).Split('\n').Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>The commands of the page that are followed by what they print, and those that print nothing.</summary>
    private static IEnumerable<(string Command, string Output)> Steps()
    {
        var blocks = Repository.Doc("command-line").Blocks;
        for (var index = 0; index < blocks.Count; index++)
        {
            if (blocks[index] is { Language: "sh", Text: var command } && command.StartsWith("link ", StringComparison.Ordinal) && !command.Contains('~', StringComparison.Ordinal))
            {
                yield return (command, index + 1 < blocks.Count && blocks[index + 1] is { Language: not "sh", Text: var output } ? output : "");
            }
        }
    }

    /// <summary>Runs commands with the sockets and the bridge of this test in the place of the usual ones.</summary>
    private async Task<string> RunAsync(string commands, string address)
    {
        var script = $$"""
            link() {
                case $1 in
                    tell | shout) dotnet exec "$program" "$@" --bridge {{address}} ;;
                    *) dotnet exec "$program" "$@" --socket-root {{_directory.Path}} ;;
                esac
            }
            {{commands}}
            """;
        var start = new ProcessStartInfo("bash", ["-c", $"exec 2>&1\n{script}"]) { RedirectStandardOutput = true };
        start.Environment["program"] = Path.Combine(AppContext.BaseDirectory, "Link.Cli.dll");
        using var bash = Process.Start(start)!;
        var output = await Within.Deadline(bash.StandardOutput.ReadToEndAsync());
        await Within.Deadline(bash.WaitForExitAsync());
        return output.TrimEnd('\n');
    }

    private async Task ConnectGreeterAsync(string address)
    {
        _greeter = new FlicNode(new FlicNodeOptions { Port = int.Parse(address.Split(':')[1], null) }, "greeter");
        _greeter.On("greet", message => message.AcknowledgeAsync(
            [null, $"Hello {message.Arguments[0]}!", .. Enumerable.Range(1, message.Arguments.Count - 1).Select(index => message.Arguments[index])]));
        _greeter.On("fail", message => message.AcknowledgeAsync(new { why = "closed" }));
        await Within.Deadline(_greeter.ConnectAsync());
    }

    /// <summary>Without what differs each time: directories, ids, numbers, and the blanks that fill columns.</summary>
    private string Masked(string text)
    {
        text = text.Replace(_directory.Path, "/tmp/", StringComparison.Ordinal);
        text = Ids().Replace(text, "\"id\":\"\"");
        text = Uuids().Replace(text, "uuid");
        text = Numbers().Replace(text, "0");
        return Blanks().Replace(text, match => match.Value.EndsWith('\n') ? "\n" : " ").TrimEnd();
    }

    [GeneratedRegex("\"id\":\"[0-9a-z]{14,}\"")]
    private static partial Regex Ids();

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uuids();

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Numbers();

    [GeneratedRegex(@" +\n?")]
    private static partial Regex Blanks();
}
