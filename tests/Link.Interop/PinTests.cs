using Link.Interop.Harness;
using Newtonsoft.Json.Linq;

namespace Link.Interop;

/// <summary>
/// The one version of node-ipc that may run here. Others of its versions have carried code that harms the machine they run on.
/// </summary>
[Collection(FirstNode.Name)]
public sealed class PinTests
{
    private const string Package = "node_modules/node-ipc";

    [Fact]
    public void The_package_file_asks_for_exactly_the_pinned_version()
    {
        var dependencies = (JObject)Read("package.json")["dependencies"]!;

        Assert.Equal(NodeModules.PinnedVersion, (string?)dependencies["node-ipc"]);
        Assert.Single(dependencies);
    }

    [Fact]
    public void The_lock_file_pins_the_version_and_its_hash_and_holds_no_other()
    {
        var packages = (JObject)Read("package-lock.json")["packages"]!;

        var locked = Assert.Single(packages.Properties(), package => package.Name.EndsWith("node-ipc", StringComparison.Ordinal));
        Assert.Equal(Package, locked.Name);
        Assert.Equal(NodeModules.PinnedVersion, (string?)locked.Value["version"]);
        Assert.Equal(NodeModules.PinnedIntegrity, (string?)locked.Value["integrity"]);
    }

    [Fact]
    public void Every_locked_package_has_a_hash_and_none_has_an_install_script()
    {
        var locked = ((JObject)Read("package-lock.json")["packages"]!).Properties().Where(package => package.Name.Length > 0).ToArray();

        Assert.NotEmpty(locked);
        Assert.All(locked, package => Assert.StartsWith("sha512-", (string?)package.Value["integrity"], StringComparison.Ordinal));
        Assert.All(locked, package => Assert.Null(package.Value["hasInstallScript"]));
    }

    [Theory]
    [InlineData("package-lock.json")]
    [InlineData("package.json")]
    [InlineData(".npmrc")]
    public void No_file_names_a_registry(string file)
    {
        var text = File.ReadAllText(Path.Combine(NodeModules.Folder, file));

        Assert.DoesNotContain("\"resolved\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("://", text, StringComparison.Ordinal);
        Assert.DoesNotContain("registry=", text.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void The_installed_package_is_the_pinned_one_and_there_is_no_second()
    {
        var installed = Directory.GetFiles(Path.Combine(NodeModules.Folder, "node_modules"), "package.json", SearchOption.AllDirectories)
            .Select(file => JObject.Parse(File.ReadAllText(file)))
            .Where(package => (string?)package["name"] == "node-ipc");

        Assert.Equal(NodeModules.PinnedVersion, (string?)Assert.Single(installed)["version"]);
    }

    private static JObject Read(string file) => JObject.Parse(File.ReadAllText(Path.Combine(NodeModules.Folder, file)));
}
