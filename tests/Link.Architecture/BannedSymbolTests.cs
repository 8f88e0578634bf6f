using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Link.Architecture;

/// <summary>The symbols of BannedSymbols.txt are out of reach for all of src.</summary>
public sealed partial class BannedSymbolTests
{
    private const string Analyzer = "Microsoft.CodeAnalysis.BannedApiAnalyzers";
    private const string Diagnostic = "RS0030";

    private static string[] Symbols =>
        [.. File.ReadLines(Repository.PathOf("BannedSymbols.txt")).Where(line => line.Trim().Length > 0).Select(line => line.Split(';')[0])];

    [Fact]
    public void The_analyzer_reads_the_file_in_every_project_of_src()
    {
        var shared = XDocument.Load(Repository.PathOf("src/Directory.Build.props"));

        Assert.Contains(shared.Descendants("PackageReference"), item => (string?)item.Attribute("Include") == Analyzer && item.Attribute("Condition") is null);
        Assert.Contains(shared.Descendants("AdditionalFiles"), item => ((string?)item.Attribute("Include"))?.EndsWith("BannedSymbols.txt", StringComparison.Ordinal) == true);
        Assert.Equal(
            [Repository.PathOf("src/Directory.Build.props")],
            Directory.EnumerateFiles(Repository.PathOf("src"), "Directory.Build.*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Nothing_in_src_turns_the_analyzer_off()
    {
        string[] settings = [".editorconfig", "Directory.Build.props", "src/Directory.Build.props"];
        var files = settings
            .Concat(Repository.Assemblies.Select(assembly => Path.GetRelativePath(Repository.Root, Repository.ProjectOf(assembly))))
            .Concat(Repository.Sources("src"));

        Assert.DoesNotContain(files, file => File.ReadAllText(Repository.PathOf(file)).Contains(Diagnostic, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_banned_symbol_exists()
    {
        Assert.NotEmpty(Symbols);
        Assert.All(Symbols, symbol => Assert.True(Exists(symbol), symbol));
    }

    private static bool Exists(string symbol)
    {
        var parts = SymbolForm().Match(symbol);
        if (!parts.Success)
        {
            return false;
        }

        var name = parts.Groups["name"].Value;
        if (parts.Groups["kind"].Value == "T")
        {
            return Find(name) is not null;
        }

        var dot = name.LastIndexOf('.');
        var members = Find(name[..dot])?.GetMember(name[(dot + 1)..], BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance) ?? [];
        return members.Any(member => DocumentationSuffix(member) == symbol[(2 + name.Length)..]);
    }

    private static Type? Find(string type) =>
        typeof(object).Assembly.GetType(type) ?? typeof(Newtonsoft.Json.JsonSerializer).Assembly.GetType(type);

    /// <summary>What follows the name in an identifier of documentation.</summary>
    private static string DocumentationSuffix(MemberInfo member)
    {
        if (member is not MethodInfo method)
        {
            return "";
        }

        var arity = method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "";
        var parameters = method.GetParameters().Select(parameter => parameter.ParameterType.FullName).ToList();
        return arity + (parameters.Count == 0 ? "" : $"({string.Join(',', parameters)})");
    }

    [GeneratedRegex(@"^(?<kind>[TMP]):(?<name>[\w.]+)(``\d+)?(\(.*\))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex SymbolForm();
}
