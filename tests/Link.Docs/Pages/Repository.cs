using System.Reflection;

namespace Link.Docs.Pages;

/// <summary>The files that the tests of the documentation read, where they stand in the repository.</summary>
internal static class Repository
{
    /// <summary>The folder with the solution, with a slash at the end.</summary>
    public static string Root { get; } = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "LinkRoot").Value!;

    /// <summary>The pages of docs/.</summary>
    public static IReadOnlyList<Page> Docs { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Order(StringComparer.Ordinal).Select(Page.Read)];

    /// <summary>The page that introduces the repository.</summary>
    public static Page Readme { get; } = Page.Read(Path.Combine(Root, "README.md"));

    /// <summary>The specification.</summary>
    public static Page Specification { get; } = Page.Read(Path.Combine(Root, "SPEC.md"));

    /// <summary>A page of docs/ by its name without extension.</summary>
    public static Page Doc(string name) => Docs.Single(page => page.Name == name);
}
