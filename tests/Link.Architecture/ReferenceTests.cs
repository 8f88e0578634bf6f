using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Link.Architecture.Metadata;

namespace Link.Architecture;

/// <summary>Who may know whom: the direction of references that design and README draw.</summary>
public sealed class ReferenceTests
{
    /// <summary>Per assembly: the projects it names, and all assemblies of Link its code may use.</summary>
    private static readonly Dictionary<string, (string[] Projects, string[] Assemblies, string[] Packages)> Allowed = new()
    {
        ["Link.Abstractions"] = ([], [], ["Newtonsoft.Json"]),
        ["Link.Streams"] = (["Link.Abstractions"], ["Link.Abstractions"], []),
        ["Link.NodeIpc"] = (["Link.Streams"], ["Link.Abstractions", "Link.Streams"], ["Microsoft.Extensions.Logging.Abstractions"]),
        ["Link.Flic"] = (["Link.Streams"], ["Link.Abstractions", "Link.Streams"], ["Microsoft.Extensions.Logging.Abstractions"]),
        ["Link.Masterless"] = (["Link.Streams"], ["Link.Abstractions", "Link.Streams"], ["Microsoft.Extensions.Logging.Abstractions"]),
        ["Link.InMemory"] = (["Link.Abstractions"], ["Link.Abstractions"], []),

        // Link.Streams only to fill in the limits of the default transport: see the test of that.
        ["Link"] = (
            ["Link.Abstractions", "Link.NodeIpc"],
            ["Link.Abstractions", "Link.NodeIpc", "Link.Streams"],
            ["Microsoft.Extensions.Logging.Abstractions"]),
        ["Link.Cli"] = (
            ["Link", "Link.Flic"],
            ["Link", "Link.Abstractions", "Link.Flic", "Link.NodeIpc", "Link.Streams"],
            ["Spectre.Console", "System.CommandLine"]),
    };

    public static TheoryData<string> Assemblies => [.. Repository.Assemblies];

    [Fact]
    public void Every_project_of_src_has_its_row()
    {
        var projects = Directory.EnumerateFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file)!);

        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), projects.Order(StringComparer.Ordinal));
        Assert.Equal(Repository.Assemblies.Order(StringComparer.Ordinal), Allowed.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void A_project_names_exactly_the_projects_of_its_row(string assembly)
    {
        var named = Repository.Items(Repository.ProjectOf(assembly), "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)!);

        Assert.Equal(Allowed[assembly].Projects.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void A_project_names_exactly_the_packages_of_its_row(string assembly)
    {
        var named = Repository.Items(Repository.ProjectOf(assembly), "PackageReference");

        Assert.Equal(Allowed[assembly].Packages.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void All_of_src_shares_no_package_but_the_analyzers()
    {
        string[] shared =
        [
            .. Repository.Items(Repository.PathOf("Directory.Build.props"), "PackageReference"),
            .. Repository.Items(Repository.PathOf("src/Directory.Build.props"), "PackageReference"),
        ];

        Assert.Equal(["Microsoft.CodeAnalysis.BannedApiAnalyzers"], shared);
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void A_compiled_assembly_knows_only_the_assemblies_of_its_row(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Repository.BinaryOf(assembly)));
        var metadata = file.GetMetadataReader();
        var known = metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .Where(name => name.StartsWith("Link", StringComparison.Ordinal));

        Assert.Empty(known.Except(Allowed[assembly].Assemblies));
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Only_tests_may_see_the_internals_of_an_assembly(string assembly)
    {
        using var code = new CompiledCode(Repository.BinaryOf(assembly));

        Assert.All(code.Friends, friend => Assert.True(Directory.Exists(Repository.PathOf($"tests/{friend}")), friend));
    }

    [Fact]
    public void Link_knows_the_streams_only_where_the_default_transport_is_made()
    {
        using var code = new CompiledCode(Repository.BinaryOf("Link"));
        var users = code.Uses.Where(use => use.Namespace.StartsWith("Link.Streams", StringComparison.Ordinal)).Select(use => use.Type).Distinct();

        Assert.Equal(["Link.ServerOptions"], users);
    }

    [Fact]
    public void Link_knows_the_default_transport_only_where_it_is_made()
    {
        using var code = new CompiledCode(Repository.BinaryOf("Link"));
        var users = code.Uses.Where(use => use.Namespace.StartsWith("Link.NodeIpc", StringComparison.Ordinal)).Select(use => use.Type).Distinct();

        Assert.Equal(["Link.ServerOptions"], users);
    }
}
