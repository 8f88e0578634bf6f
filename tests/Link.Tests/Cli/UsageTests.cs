using System.Text.Json.Nodes;

namespace Link.Tests.Cli;

public sealed class UsageTests
{
    private static readonly string[] Names = ["call", "ping", "ls", "bridge", "tell", "shout", "completion"];

    public static TheoryData<string> Commands => [.. Names];

    [Theory]
    [InlineData("")]
    [InlineData("lss")]
    [InlineData("call world")]
    [InlineData("call world {} more")]
    [InlineData("call world {} --timeout 3")]
    [InlineData("call world {} --timeout 0s")]
    [InlineData("call world {} --transport pigeon://x")]
    [InlineData("call world {} --ca missing.pem")]
    [InlineData("call a/b {}")]
    [InlineData("call world {} --transport unix --transport unix")]
    [InlineData("call world {} --timeout 1s --timeout 2s")]
    [InlineData("call world {} --name")]
    [InlineData("ping world --count 0")]
    [InlineData("ping world --count x")]
    [InlineData("ping world --count 1 --count 2")]
    [InlineData("ping world --interval -1s")]
    [InlineData("ping world --data x")]
    [InlineData("ls --app-space")]
    [InlineData("completion tcsh")]
    [InlineData("bridge localhost")]
    [InlineData("bridge --max-nodes x")]
    [InlineData("bridge localhost:1 localhost:2")]
    [InlineData("tell node1:echo --bridge flic:/x")]
    [InlineData("call world {} --transport flic://localhost")]
    [InlineData("tell node1:echo --timeot 5s")]
    [InlineData("tell node1:echo --nowait")]
    [InlineData("shout reload x --jsn")]
    [InlineData("shout -j reload")]
    [InlineData("tell node1:echo --name a:b")]
    [InlineData("shout reload --name a:b")]
    [InlineData("call world {} --transport flic://localhost:1 --name a:b")]
    public async Task A_command_line_that_makes_no_sense_is_refused_in_one_line(string line)
    {
        var ending = await LinkProgram.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((2, ""), (ending.Code, ending.Output));
        Assert.StartsWith("link: ", Assert.Single(ending.Errors.Split('\n')), StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", ending.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_the_refusal_is_an_object()
    {
        var ending = await LinkProgram.RunAsync("call", "world", "--json");

        Assert.Equal(2, ending.Code);
        Assert.Equal("Usage", (string?)JsonNode.Parse(ending.Errors)!["error"]);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task The_help_of_a_command_has_examples(string command)
    {
        var ending = await LinkProgram.RunAsync(command, "--help");

        Assert.Equal((0, ""), (ending.Code, ending.Errors));
        Assert.Contains("--json", ending.Output, StringComparison.Ordinal);
        Assert.Contains($"Examples:\n  link {command}", ending.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bridge", "[HOST:PORT]")]
    [InlineData("tell", "[JSON...]")]
    [InlineData("shout", "[JSON...]")]
    public async Task The_help_tells_which_arguments_may_be_left_out(string command, string argument)
    {
        var help = (await LinkProgram.RunAsync(command, "--help")).Output;

        Assert.Contains($" {argument} [options]", help, StringComparison.Ordinal);
        Assert.Contains($"\n  {argument} ", help, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_help_of_the_program_names_every_command()
    {
        var ending = await LinkProgram.RunAsync("--help");

        Assert.All(Names, command => Assert.Contains($"\n  {command} ", ending.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_version_is_that_of_the_package() => Assert.Equal(new Ending(0, "0.1.0", ""), await LinkProgram.RunAsync("--version"));
}
