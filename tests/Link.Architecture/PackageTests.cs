using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;

namespace Link.Architecture;

/// <summary>The packages that <c>dotnet pack</c> makes of what was built.</summary>
[Collection(Command.OneAtATime)]
public sealed class PackageTests(PackageTests.Packages packages) : IClassFixture<PackageTests.Packages>
{
    private const string CommandLine = "Link.Cli";

    public static TheoryData<string> Assemblies => [.. Repository.Assemblies];

    [Fact]
    public void There_is_one_package_for_each_assembly_of_src()
    {
        var names = Directory.EnumerateFiles(packages.Directory, "*.nupkg").Select(file => Path.GetFileName(file).Split(".0.")[0]);

        Assert.Equal(Repository.Assemblies.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void A_package_holds_the_assembly_its_documentation_the_readme_and_the_licence(string assembly)
    {
        using var package = packages.Open(assembly, "nupkg");
        var files = package.Entries.Select(entry => entry.FullName).ToHashSet();

        Assert.Superset(new HashSet<string> { $"{FolderOf(assembly)}/{assembly}.dll", $"{FolderOf(assembly)}/{assembly}.xml", "README.md", "LICENSE" }, files);
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void A_package_says_what_it_is(string assembly)
    {
        using var package = packages.Open(assembly, "nupkg");
        using var stream = package.GetEntry($"{assembly}.nuspec")!.Open();
        var values = XDocument.Load(stream).Descendants().Where(element => !element.HasElements).ToLookup(element => element.Name.LocalName);

        Assert.Equal(assembly, values["id"].Single().Value);
        Assert.Equal("MIT", values["license"].Single().Value);
        Assert.Equal("expression", (string?)values["license"].Single().Attribute("type"));
        Assert.Equal("README.md", values["readme"].Single().Value);
        Assert.All(["version", "authors", "description", "tags", "copyright"], name => Assert.NotEmpty(values[name].Single().Value));
        Assert.NotEqual("Package Description", values["description"].Single().Value);
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_symbols_of_an_assembly_have_their_own_package(string assembly)
    {
        using var package = packages.Open(assembly, "snupkg");

        Assert.Contains(package.Entries, entry => entry.FullName == $"{FolderOf(assembly)}/{assembly}.pdb");
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void A_package_asks_for_no_build_tool(string assembly)
    {
        using var package = packages.Open(assembly, "nupkg");
        using var stream = package.GetEntry($"{assembly}.nuspec")!.Open();
        var asked = XDocument.Load(stream).Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => (string)element.Attribute("id")!);

        Assert.DoesNotContain(asked, id => id.Contains("Analyzers", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_command_line_can_be_installed_from_its_package_and_runs()
    {
        var folder = Path.Combine(packages.Directory, "tool");
        var (code, output) = await Command.RunAsync(
            "dotnet", ["tool", "install", CommandLine, "--tool-path", folder, "--source", packages.Directory, "--version", "0.1.0", "--no-cache"]);
        Assert.True(code == 0, output);

        Assert.Equal((0, "0.1.0"), Trimmed(await Command.RunAsync(Path.Combine(folder, "link"), ["--version"])));
    }

    private static (int Code, string Output) Trimmed((int Code, string Output) result) => (result.Code, result.Output.Trim());

    /// <summary>Where a package holds its assembly: one that is a tool brings all it needs.</summary>
    private static string FolderOf(string assembly) => assembly == CommandLine ? "tools/net10.0/any" : "lib/net10.0";

    /// <summary>Packs once for all tests of the class, what was built together with the tests.</summary>
    public sealed class Packages : IAsyncLifetime
    {
        /// <summary>Where the packages are.</summary>
        public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("link-packages-").FullName;

        /// <summary>Opens the package of an assembly.</summary>
        public ZipArchive Open(string assembly, string extension)
        {
            // The version begins with a digit, the rest of a longer name does not.
            var file = Assert.Single(System.IO.Directory.EnumerateFiles(Directory, $"{assembly}.*.{extension}"), path => char.IsDigit(Path.GetFileName(path)[assembly.Length + 1]));
            return ZipFile.OpenRead(file);
        }

        public async Task InitializeAsync()
        {
            var configuration = typeof(PackageTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
            var (code, output) = await Command.RunAsync(
                "dotnet",
                ["pack", "Link.sln", "--no-build", "--configuration", configuration, "--output", Directory, "--nologo", "--disable-build-servers"]);

            Assert.True(code == 0 && !output.Contains("warning", StringComparison.OrdinalIgnoreCase), output);
        }

        public Task DisposeAsync()
        {
            System.IO.Directory.Delete(Directory, recursive: true);
            return Task.CompletedTask;
        }
    }
}
