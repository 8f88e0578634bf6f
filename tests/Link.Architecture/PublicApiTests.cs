using System.Reflection;
using Link.Architecture.Metadata;

namespace Link.Architecture;

/// <summary>What the assemblies offer changes only together with the files below Api/.</summary>
public sealed class PublicApiTests
{
    private const string AcceptVariable = "LINK_ACCEPT_API";

    public static TheoryData<string> Assemblies => [.. Repository.Assemblies];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void The_public_members_are_those_of_the_file(string assembly)
    {
        var path = Repository.PathOf($"tests/Link.Architecture/Api/{assembly}.txt");
        var listing = ApiListing.Of(Assembly.Load(assembly));
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, listing);
        }

        var recorded = File.Exists(path) ? File.ReadAllText(path) : "";

        Assert.True(recorded == listing, Difference(assembly, recorded, listing));
    }

    private static string Difference(string assembly, string recorded, string listing)
    {
        var before = Members(recorded);
        var now = Members(listing);
        IEnumerable<string> lines =
        [
            $"The public API of {assembly} is not that of its file (- recorded, + compiled):",
            .. before.Except(now).Select(line => "- " + line),
            .. now.Except(before).Select(line => "+ " + line),
            $"If this is meant: {AcceptVariable}=1 dotnet test tests/Link.Architecture",
        ];
        return string.Join(Environment.NewLine, lines);
    }

    /// <summary>The lines, each member with its type before it.</summary>
    private static List<string> Members(string listing)
    {
        var type = "";
        List<string> members = [];
        foreach (var line in listing.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith(' '))
            {
                members.Add($"{type}: {line.Trim()}");
                continue;
            }

            type = line.Split(" : ")[0];
            members.Add(line);
        }

        return members;
    }
}
