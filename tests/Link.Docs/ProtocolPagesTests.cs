using Link.Docs.Pages;
using Link.Flic;
using Link.Masterless;

namespace Link.Docs;

/// <summary>The tables of options in flic.md and mesh.md agree with the code.</summary>
public class ProtocolPagesTests
{
    private static readonly object[] Defaults = [new FlicBridgeOptions(), new FlicNodeOptions(), new MeshOptions()];

    private static readonly HashSet<string> Names = [.. Defaults.Select(options => options.GetType().Name)];

    private static readonly Dictionary<string, string[][]> Tables =
        new[] { "flic", "mesh" }.SelectMany(OptionTables.Read).Where(table => Names.Contains(table.Key)).ToDictionary();

    public static TheoryData<string> Types => [.. Names];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_option_has_one_row_and_every_row_an_option(string type) => Assert.Equal(
        OptionTables.PropertiesOf(DefaultOf(type).GetType()).Select(property => property.Name).Order(StringComparer.Ordinal),
        Tables[type].Select(cells => cells[0].Trim('`')).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_row_has_default_range_and_effect(string type) => Assert.All(Tables[type], cells =>
    {
        Assert.Equal(4, cells.Length);
        Assert.All(cells, Assert.NotEmpty);
    });

    [Theory]
    [MemberData(nameof(Types))]
    public void The_defaults_are_those_of_the_code(string type)
    {
        var rows = Tables[type].ToDictionary(cells => cells[0].Trim('`'), cells => cells[1]);
        Assert.All(OptionTables.PropertiesOf(DefaultOf(type).GetType()), property => Assert.Equal(
            $"{property.Name}: {OptionTables.Show(property.Name, property.GetValue(DefaultOf(type)))}", $"{property.Name}: {rows[property.Name]}"));
    }

    private static object DefaultOf(string type) => Defaults.Single(options => options.GetType().Name == type);
}
