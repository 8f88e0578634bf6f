namespace Link.Architecture;

/// <summary>flic's first example, in two processes of either language.</summary>
[Collection(Command.OneAtATime)]
public sealed class FlicExamplesTests
{
    [Theory]
    [InlineData("cs", "cs")]
    [InlineData("cs", "js")]
    [InlineData("js", "cs")]
    [InlineData("js", "js")]
    public async Task The_example_runs_with_either_half_in_either_language(string first, string second)
    {
        var (code, output) = await Command.RunAsync("bash", ["examples/flic/run.sh", first, second]);

        Assert.True(code == 0, output);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(["second | somenode online!", "second | ilovenodejs"], lines.Where(line => line.StartsWith("second | ", StringComparison.Ordinal)));
        Assert.Equal(
            ["first | node1 online!", "first | flic_is_easy"],
            lines.Where(line => line.StartsWith("first | ", StringComparison.Ordinal)).Distinct());
    }

    [Fact]
    public async Task A_language_that_is_not_known_is_refused()
    {
        var (code, output) = await Command.RunAsync("bash", ["examples/flic/run.sh", "cs", "pigeon"]);

        Assert.Equal(2, code);
        Assert.StartsWith("Usage: ", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_JavaScript_halves_are_pinned_to_the_package_of_the_tests()
    {
        var tested = File.ReadAllText(Repository.PathOf("tests/Link.Interop/node/package-lock.json"));
        var example = File.ReadAllText(Repository.PathOf("examples/flic/package-lock.json"));
        var hashes = example.Split('\n').Where(line => line.Contains("\"integrity\"", StringComparison.Ordinal)).ToArray();

        Assert.NotEmpty(hashes);
        Assert.All(hashes, line => Assert.Contains(line, tested, StringComparison.Ordinal));
    }
}
