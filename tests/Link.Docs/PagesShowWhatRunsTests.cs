using Link.Docs.Pages;

namespace Link.Docs;

/// <summary>The C# of the pages is the text of sources that are compiled and run here, and the reverse.</summary>
public class PagesShowWhatRunsTests
{
    private static readonly string[] Expected =
    [
        "command-line", "errors-and-timeouts", "flic", "from-flic", "from-masterless", "from-node-ipc", "getting-started", "mesh", "messagepack", "options",
        "request-and-reply", "security", "talking-to-node", "tls", "transports", "udp",
    ];

    [Fact]
    public void There_is_one_page_per_task() => Assert.Equal(Expected, Repository.Docs.Select(page => page.Name));

    [Fact]
    public void Every_page_has_an_example() =>
        Assert.All(Repository.Docs, page => Assert.NotEmpty(page.BlocksIn(page.Name == "command-line" ? "sh" : "csharp")));

    [Fact]
    public void Every_block_of_a_page_is_a_region_of_a_source()
    {
        var shown = Repository.Docs.SelectMany(page => page.BlocksIn("csharp").Select(text => (page.Name, text)));
        var regions = Region.All.Select(region => (region.Page, region.Text)).ToHashSet();
        Assert.All(shown, block => Assert.True(regions.Contains(block), $"No region for this block of {block.Name}.md:\n{block.text}"));
    }

    [Fact]
    public void Every_region_of_a_source_is_a_block_of_its_page()
    {
        var shown = Repository.Docs.SelectMany(page => page.BlocksIn("csharp").Select(text => (page.Name, text))).ToHashSet();
        Assert.All(Region.All, region => Assert.True(
            shown.Contains((region.Page, region.Text)), $"{region.Page}.md has no block with the text of the region {region.Name}:\n{region.Text}"));
    }

    [Fact]
    public void Blocks_have_a_language_that_is_checked_here()
    {
        var languages = Repository.Docs.SelectMany(page => page.Blocks).Select(block => block.Language).Distinct();
        Assert.Empty(languages.Except(["csharp", "js", "sh", "text", "json", "xml"]));
    }

    [Fact]
    public void What_the_README_shows_stands_in_the_examples()
    {
        var programs = new[] { "one", "two" }
            .Select(name => LinesOf(File.ReadAllText(Path.Combine(Repository.Root, "examples", name, "Program.cs"))))
            .ToArray();
        Assert.All(Repository.Readme.BlocksIn("csharp"), block => Assert.True(
            programs.Any(program => Contains(program, LinesOf(block))), $"No example has these lines:\n{block}"));
    }

    private static string[] LinesOf(string text) =>
        [.. text.Split('\n').Select(line => string.Concat(line.Where(c => !char.IsWhiteSpace(c)))).Where(line => line.Length > 0)];

    private static bool Contains(string[] program, string[] block) =>
        Enumerable.Range(0, Math.Max(0, program.Length - block.Length + 1)).Any(start => program.AsSpan(start, block.Length).SequenceEqual(block));
}
