using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Link.Architecture;

/// <summary>Sizes, documentation and what must not be written down in a file.</summary>
public sealed partial class SourceTests
{
    private const int MaxLines = 300;

    /// <summary>Files that may be longer, each with its own limit and, here, the reason.</summary>
    private static readonly Dictionary<string, int> LongerFiles = [];

    [Fact]
    public void No_file_of_src_is_too_long_to_read_in_one_go()
    {
        var offenders =
            from file in Repository.Sources("src")
            let lines = File.ReadLines(Repository.PathOf(file)).Count()
            where lines > LongerFiles.GetValueOrDefault(file, MaxLines)
            select $"{file}: {lines} lines";

        Assert.Empty(offenders);
    }

    [Fact]
    public void Every_exception_to_the_length_is_still_needed()
    {
        Assert.All(LongerFiles.Keys, file => Assert.InRange(File.ReadLines(Repository.PathOf(file)).Count(), MaxLines + 1, LongerFiles[file]));
    }

    [Fact]
    public void Every_project_of_src_documents_its_public_members_or_does_not_build()
    {
        Assert.Equal("true", Property("src/Directory.Build.props", "GenerateDocumentationFile"));
        Assert.Equal("true", Property("Directory.Build.props", "TreatWarningsAsErrors"));
        Assert.All(Repository.Assemblies, assembly => Assert.True(File.Exists(Path.ChangeExtension(Repository.BinaryOf(assembly), ".xml"))));
    }

    [Theory]
    [InlineData("GenerateDocumentationFile")]
    [InlineData("TreatWarningsAsErrors")]
    [InlineData("WarningsNotAsErrors")]
    [InlineData("NoWarn")]
    public void No_project_of_src_chooses_otherwise(string property)
    {
        Assert.DoesNotContain(Repository.Assemblies, assembly => XDocument.Load(Repository.ProjectOf(assembly)).Descendants(property).Any());
    }

    [Fact]
    public void No_file_of_src_silences_the_documentation()
    {
        var offenders = Repository.Sources("src").Where(file => File.ReadAllText(Repository.PathOf(file)).Contains("CS1591", StringComparison.Ordinal));

        Assert.Empty(offenders);
    }

    [Fact]
    public void No_tracked_file_names_the_host_of_a_package_registry() => Assert.Empty(LinesWith(RegistryHost()));

    [Fact]
    public void No_tracked_file_names_a_directory_of_one_machine() => Assert.Empty(LinesWith(MachinePath()));

    private static IEnumerable<string> LinesWith(Regex pattern) =>
        from file in Repository.TrackedFiles()
        from line in File.ReadLines(Repository.PathOf(file)).Select((text, index) => (Text: text, Number: index + 1))
        where pattern.IsMatch(line.Text)
        select $"{file}:{line.Number}: {pattern.Match(line.Text).Value}";

    private static string? Property(string file, string name) =>
        (string?)XDocument.Load(Repository.PathOf(file)).Descendants(name).SingleOrDefault();

    [GeneratedRegex(@"(npmjs|nuget|yarnpkg|pypi|npmmirror)[.](org|com|dev)", RegexOptions.IgnoreCase)]
    private static partial Regex RegistryHost();

    [GeneratedRegex(@"(?<![\w.~*)-])/(root|home|Users|work|workspace)/[\w.]|\b[A-Z]:\\Users\\")]
    private static partial Regex MachinePath();
}
