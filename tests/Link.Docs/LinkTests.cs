using Link.Docs.Pages;

namespace Link.Docs;

/// <summary>The links between the pages, the README and the specification lead somewhere.</summary>
public class LinkTests
{
    [Fact]
    public void Links_into_the_repository_lead_to_something()
    {
        var pages = Repository.Docs.Append(Repository.Readme).Append(Repository.Specification);
        Assert.Empty(pages.SelectMany(page => page.InternalLinks.Where(target => !Exists(page, target)).Select(target => $"{page}: {target}")));
    }

    [Fact]
    public void The_README_leads_to_every_page()
    {
        var targets = Repository.Readme.InternalLinks.Select(target => target.Split('#')[0]).ToHashSet();
        Assert.All(Repository.Docs, page => Assert.Contains($"docs/{page.Name}.md", targets));
    }

    private static bool Exists(Page page, string target)
    {
        var parts = target.Split('#', 2);
        var path = parts[0].Length == 0 ? page.FullPath : Path.GetFullPath(parts[0], Path.GetDirectoryName(page.FullPath)!);
        if (!path.StartsWith(Repository.Root, StringComparison.Ordinal) || !Path.Exists(path))
        {
            return false;
        }

        return parts.Length == 1 || Page.Read(path).Anchors.Contains(parts[1]);
    }
}
