namespace Link.Docs.Pages;

/// <summary>Source text between <c>// docs: page name</c> and <c>// end</c>, shown by that page.</summary>
/// <param name="Page">The page, without extension.</param>
/// <param name="Name">What tells it from the other regions of the page.</param>
/// <param name="Text">Its lines without their common indentation, joined by line feeds.</param>
internal sealed record Region(string Page, string Name, string Text)
{
    private const string Start = "// docs: ";
    private const string End = "// end";

    /// <summary>Every region of this project's sources.</summary>
    public static IReadOnlyList<Region> All { get; } =
        [.. Sources().Order(StringComparer.Ordinal).SelectMany(Read)];

    /// <inheritdoc/>
    public override string ToString() => $"{Page} {Name}";

    private static IEnumerable<string> Sources()
    {
        var folder = Path.Combine(Repository.Root, "tests", "Link.Docs");
        return new[] { "Examples", "Programs" }
            .SelectMany(part => Directory.EnumerateFiles(Path.Combine(folder, part), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));
    }

    private static IEnumerable<Region> Read(string path)
    {
        List<string>? open = null;
        var title = Array.Empty<string>();
        foreach (var line in File.ReadLines(path))
        {
            var trimmed = line.Trim();
            if (trimmed.StartsWith(Start, StringComparison.Ordinal))
            {
                Assert.True(open is null, $"{path}: {trimmed} begins inside of another region.");
                title = trimmed[Start.Length..].Split(' ', 2);
                open = [];
            }
            else if (trimmed == End)
            {
                Assert.True(open is not null, $"{path} has an end without a beginning.");
                yield return new Region(title[0], title[1], Deindent(open));
                open = null;
            }
            else
            {
                open?.Add(line);
            }
        }

        Assert.True(open is null, $"{path}: {string.Join(' ', title)} does not end.");
    }

    private static string Deindent(List<string> lines)
    {
        var indentation = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Trim().Length == 0 ? "" : line[indentation..])).Trim('\n');
    }
}
