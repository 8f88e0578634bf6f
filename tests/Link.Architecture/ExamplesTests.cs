namespace Link.Architecture;

/// <summary>The command of the README that shows two processes talk.</summary>
[Collection(Command.OneAtATime)]
public sealed class ExamplesTests
{
    [Fact]
    public async Task The_command_builds_runs_and_ends_both_examples()
    {
        var (code, output) = await Command.RunAsync("bash", ["examples/run.sh"]);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        Assert.True(code == 0, output);
        Assert.Equal(
            ["one | Got", "one | Sending { content = Hello }", "one | Spawned test-one!", "one | Successfully started! Login!"],
            lines.Where(line => line.StartsWith("one | ", StringComparison.Ordinal)).Select(WithoutReply).Order(StringComparer.Ordinal));
        Assert.Equal(
            [
                "two | Got {\"content\":\"Hello\"} from test-one",
                "two | Replying { response = Hello world! }",
                "two | Spawned test-two!",
                "two | Successfully started! Login!",
            ],
            lines.Where(line => line.StartsWith("two | ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        var reply = Assert.Single(lines, line => line.StartsWith("one | Got ", StringComparison.Ordinal));
        Assert.Matches("""^one [|] Got [{](?=.*"id":"[0-9a-z]+")(?=.*"success":true)(?=.*"response":"Hello world!").*[}]$""", reply);
    }

    private static string WithoutReply(string line) => line.Split(" {\"")[0];
}
