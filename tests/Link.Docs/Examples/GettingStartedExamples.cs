using System.Text.RegularExpressions;
using Link.Docs.Pages;
using Link.Docs.Running;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The two programs of getting-started.md, as two processes with the default options.</summary>
public class GettingStartedExamples
{
    /// <summary>The lines that the page says are printed.</summary>
    private static string[] Printed { get; } =
        [.. Repository.Doc("getting-started").BlocksIn("text").SelectMany(block => block.Split('\n'))];

    [Fact]
    public async Task Two_processes_talk_and_leave_nothing_behind()
    {
        var name = TestNames.Next("greeter");
        var path = $"/tmp/app.{name}";
        await using var greeter = ChildProcess.Dotnet("greeter", name);
        Assert.Equal(Printed[0].Replace("world", name, StringComparison.Ordinal), await greeter.ReadLineAsync());
        Assert.True(File.Exists(path));

        await using var caller = ChildProcess.Dotnet("caller", name);
        Assert.Equal(Printed[1], await caller.ReadLineAsync());
        Assert.Equal(WithoutId(Printed[2]), WithoutId((await caller.ReadLineAsync())!));
        Assert.Equal((0, ""), await caller.ExitAsync());

        await greeter.WriteLineAsync("");
        Assert.Equal((0, ""), await greeter.ExitAsync());
        Assert.False(File.Exists(path));
        Assert.False(File.Exists($"{path}.lock"));
    }

    [Fact]
    public async Task A_caller_without_a_greeter_ends_with_an_error()
    {
        var name = TestNames.Next("nobody");
        await using var caller = ChildProcess.Dotnet("caller", name);
        var (code, errors) = await caller.ExitAsync();
        Assert.NotEqual(0, code);
        Assert.Contains($"Could not connect to {name}", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_service_that_is_told_to_end_leaves_nothing_behind(string signal)
    {
        var name = TestNames.Next("service");
        var path = $"/tmp/app.{name}";
        await using var service = ChildProcess.Dotnet("service", name);
        Assert.Equal($"{name} listens. Press Ctrl-C to stop.", await service.ReadLineAsync());
        Assert.True(File.Exists(path));

        await service.SignalAsync(signal);
        Assert.Equal((0, ""), await service.ExitAsync());
        Assert.False(File.Exists(path));
    }

    private static string WithoutId(string reply) => Regex.Replace(reply, "\"id\":\"[0-9a-z]{14,}\"", "\"id\":\"\"");
}
