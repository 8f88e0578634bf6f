using System.Text.Json.Nodes;

namespace Link.Architecture;

/// <summary>The command of the README that shows two processes talk.</summary>
[Collection(Command.OneAtATime)]
public sealed class ExamplesTests
{
    [Theory]
    [InlineData("unix")]
    [InlineData("tcp")]
    [InlineData("tls")]
    [InlineData("udp4")]
    [InlineData("flic")]
    [InlineData("mesh")]
    public async Task The_command_builds_runs_and_ends_both_examples_whatever_lies_between_them(string transport)
    {
        var lines = await RunAsync(transport);

        AssertOneAsked(lines);
        Assert.Equal(
            [
                "two | Got {\"content\":\"Hello\"} from test-one",
                "two | Replying { response = Hello world! }",
                "two | Spawned test-two!",
                "two | Successfully started! Login!",
            ],
            LinesOf("two", lines));
    }

    [Fact]
    public async Task The_one_that_answers_may_be_a_program_of_Node()
    {
        var lines = await RunAsync("node");

        AssertOneAsked(lines);
        Assert.Equal(
            [
                "two | Got {\"content\":\"Hello\"} from test-one",
                "two | Replying {\"response\":\"Hello world!\"}",
                "two | Spawned test-two!",
                "two | Successfully started!",
            ],
            LinesOf("two", lines));
    }

    [Fact]
    public async Task Without_an_argument_they_meet_on_Unix_sockets() => AssertOneAsked(await RunAsync());

    [Fact]
    public async Task A_transport_that_is_not_known_is_refused()
    {
        var (code, output) = await Command.RunAsync("bash", ["examples/run.sh", "pigeon"]);

        Assert.Equal(2, code);
        Assert.StartsWith("Usage: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_Node_side_is_pinned_to_the_packages_that_the_benchmarks_run() =>
        Assert.Empty(LockedIn("examples/node").Select(package => package.ToString()).Except(LockedIn("benchmarks/Link.Benchmarks/node").Select(package => package.ToString())));

    [Fact]
    public void The_benchmarks_are_pinned_to_the_packages_that_the_tests_run()
    {
        var tested = LockedIn("tests/Link.Interop/node").Select(package => (string?)package.Value!["integrity"]).ToHashSet();

        Assert.All(LockedIn("benchmarks/Link.Benchmarks/node"), package => Assert.Contains((string?)package.Value!["integrity"], tested));
    }

    private static JsonObject LockedIn(string folder)
    {
        var packages = JsonNode.Parse(File.ReadAllText(Repository.PathOf($"{folder}/package-lock.json")))!["packages"]!.AsObject();
        Assert.True(packages.Remove(""));
        Assert.NotEmpty(packages);
        return packages;
    }

    private static async Task<string[]> RunAsync(params string[] arguments)
    {
        var (code, output) = await Command.RunAsync("bash", ["examples/run.sh", .. arguments]);
        Assert.True(code == 0, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static void AssertOneAsked(string[] lines)
    {
        Assert.Equal(
            ["one | Got", "one | Sending { content = Hello }", "one | Spawned test-one!", "one | Successfully started! Login!"],
            LinesOf("one", lines).Select(WithoutReply));
        var reply = Assert.Single(lines, line => line.StartsWith("one | Got ", StringComparison.Ordinal));
        Assert.Matches("""^one [|] Got [{](?=.*"id":"[0-9a-z]+")(?=.*"success":true)(?=.*"response":"Hello world!").*[}]$""", reply);
    }

    private static IEnumerable<string> LinesOf(string process, string[] lines) =>
        lines.Where(line => line.StartsWith($"{process} | ", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static string WithoutReply(string line) => line.Split(" {\"")[0];
}
