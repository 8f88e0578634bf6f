using System.Text.RegularExpressions;

namespace Link.Docs.Pages;

/// <summary>A Markdown file taken apart. Immutable.</summary>
internal sealed partial class Page
{
    private Page(string path, IReadOnlyList<CodeBlock> blocks, IReadOnlyList<string> prose)
    {
        FullPath = path;
        Blocks = blocks;
        Prose = prose;
    }

    /// <summary>Where the file is.</summary>
    public string FullPath { get; }

    /// <summary>The name of the file without its extension.</summary>
    public string Name => Path.GetFileNameWithoutExtension(FullPath);

    /// <summary>The fenced blocks in their order.</summary>
    public IReadOnlyList<CodeBlock> Blocks { get; }

    /// <summary>The lines outside of the blocks.</summary>
    public IReadOnlyList<string> Prose { get; }

    /// <summary>The targets of the links that lead into the repository.</summary>
    public IEnumerable<string> InternalLinks => Prose
        .SelectMany(line => LinkPattern().Matches(InlineCode().Replace(line, "")))
        .Select(match => match.Groups["target"].Value)
        .Where(target => !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal));

    /// <summary>What a link can name after its hash.</summary>
    public IEnumerable<string> Anchors => Prose
        .Where(line => line.StartsWith('#'))
        .Select(line => AnchorOf(line.TrimStart('#').Trim()));

    /// <summary>Reads a file.</summary>
    public static Page Read(string path)
    {
        var blocks = new List<CodeBlock>();
        var prose = new List<string>();
        List<string>? open = null;
        var language = "";
        foreach (var line in File.ReadLines(path))
        {
            if (!line.StartsWith("```", StringComparison.Ordinal))
            {
                (open ?? prose).Add(line);
            }
            else if (open is null)
            {
                language = line[3..].Trim();
                open = [];
            }
            else
            {
                blocks.Add(new CodeBlock(language, string.Join('\n', open)));
                open = null;
            }
        }

        Assert.True(open is null, $"{path} has a block that does not end.");
        return new Page(path, blocks, prose);
    }

    /// <summary>The blocks of one language.</summary>
    public IEnumerable<string> BlocksIn(string language) => Blocks.Where(block => block.Language == language).Select(block => block.Text);

    /// <inheritdoc/>
    public override string ToString() => Name;

    // As the forges that show these pages make them: lower case, spaces to hyphens, punctuation dropped.
    private static string AnchorOf(string heading) => Punctuation().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex LinkPattern();

    [GeneratedRegex("(?<!\\[)`[^`]*`(?!\\])")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"[^\p{L}\p{N}\s_-]")]
    private static partial Regex Punctuation();
}
