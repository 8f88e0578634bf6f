using Link.Tests.Faults;

namespace Link.Tests.Cli;

public sealed class CompletionTests : IAsyncLifetime
{
    private readonly Bench _bench = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _bench.DisposeAsync().AsTask();

    [Theory]
    [InlineData("pi", "ping")]
    [InlineData("ping --int", "--interval")]
    [InlineData("completion fi", "fish")]
    public async Task Commands_options_and_values_are_suggested(string typed, string completed)
    {
        var ending = await LinkProgram.RunAsync($"[suggest:{typed.Length}]", typed);

        Assert.Equal(new Ending(0, completed, ""), ending);
    }

    [Fact]
    public async Task Bash_completes_with_the_script_it_is_given()
    {
        await _bench.StartEchoAsync("world");
        await _bench.StartEchoAsync("weather");

        var ending = await CompleteAsync($"link call --socket-root {_bench.Directory.Path} w");

        Assert.Equal(new Ending(0, "weather\nworld", ""), ending);
    }

    [Fact]
    public async Task In_bash_the_words_after_the_cursor_do_not_count() =>
        Assert.Equal("ping", (await CompleteAsync("link pi", " world --count 3")).Output);

    [Theory]
    [InlineData("zsh", "compdef _link_complete link")]
    [InlineData("fish", "complete -c link")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName link")]
    public async Task Other_shells_have_scripts_too(string shell, string registration)
    {
        var ending = await LinkProgram.RunAsync("completion", shell);

        Assert.Equal(0, ending.Code);
        Assert.Contains(registration, ending.Output, StringComparison.Ordinal);
        Assert.Contains("[suggest:", ending.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("pwsh")]
    public async Task The_scripts_call_the_program_by_its_path_as_coreutils_has_a_link_too(string shell)
    {
        var program = Path.ChangeExtension(LinkProgram.Path, null);

        var ending = await LinkProgram.RunBashAsync($"DOTNET_ROOT=$(dirname '{LinkProgram.DotnetHost}') '{program}' completion {shell}");

        Assert.Contains($"'{program}' \"[suggest:", ending.Output, StringComparison.Ordinal);
    }

    /// <summary>Does what bash does when a line is completed.</summary>
    private static Task<Ending> CompleteAsync(string before, string after = "") => LinkProgram.RunBashAsync($"""
        eval "$(link completion bash)"
        COMP_LINE='{before}{after}' COMP_POINT={before.Length}
        COMP_WORDS=({before}{after})
        typed=({before})
        COMP_CWORD=$((${"{#typed[@]}"} - 1))
        _link_complete
        printf '%s\n' "${"{COMPREPLY[@]}"}"
        """);
}
