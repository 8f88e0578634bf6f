using System.Text.RegularExpressions;
using Link.Docs.Pages;
using Link.Flic;
using Link.Masterless;
using Link.NodeIpc.Events;

namespace Link.Docs;

/// <summary>The tables of the pages about moving to Link name what there is.</summary>
public class FromPagesTests
{
    private static readonly HashSet<string> Known =
    [
        .. new[] { typeof(Ipc).Assembly, typeof(FlicNode).Assembly, typeof(MeshNode).Assembly, typeof(Server).Assembly, typeof(Abstractions.LinkException).Assembly }
            .SelectMany(assembly => assembly.GetExportedTypes())
            .SelectMany(type => type.GetMembers().Select(member => member.Name).Append(type.Name)),
    ];

    public static TheoryData<string> Rows => [.. new[] { "from-node-ipc", "from-flic", "from-masterless" }
        .SelectMany(page => Repository.Doc(page).Prose)
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.EndsWith("| Link |", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_has_what_it_was_and_what_it_is(string row) => Assert.Equal(2, CellsOf(row).Length);

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_member_that_is_named_exists(string row)
    {
        var code = Regex.Matches(CellsOf(row)[1], "`([^`]+)`").Select(match => Regex.Replace(match.Groups[1].Value, "\"[^\"]*\"", ""));
        var names = code.SelectMany(text => Regex.Matches(text, @"(?<![\w'])[A-Z]\w*")).Select(match => match.Value).Where(name => name is not "T");

        Assert.Empty(names.Except(Known));
    }

    private static string[] CellsOf(string row) => row.Split('|', StringSplitOptions.TrimEntries)[1..^1];
}
