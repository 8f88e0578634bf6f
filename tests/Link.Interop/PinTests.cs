using Link.Interop.Harness;
using Newtonsoft.Json.Linq;

namespace Link.Interop;

/// <summary>
/// The two versions of node-ipc, and the one each of flic, masterless and MessagePack, that may run here. Others of node-ipc's versions have carried code that
/// harms the machine they run on.
/// </summary>
[Collection(FirstNode.Name)]
public sealed class PinTests
{
    [Fact]
    public void The_package_file_asks_for_exactly_the_pinned_versions()
    {
        var dependencies = (JObject)Read("package.json")["dependencies"]!;

        Assert.Equal(5, dependencies.Count);
        Assert.Equal(NodeModules.MessagePackVersion, (string?)dependencies["@msgpack/msgpack"]);
        Assert.Equal(NodeModules.FlicVersion, (string?)dependencies["flic"]);
        Assert.Equal(NodeModules.MasterlessVersion, (string?)dependencies["masterless"]);
        Assert.Equal(NodeModules.PinnedVersion, (string?)dependencies["node-ipc"]);
        Assert.Equal($"npm:node-ipc@{NodeModules.OldVersion}", (string?)dependencies["node-ipc-1"]);
    }

    [Fact]
    public void The_lock_file_pins_the_versions_and_their_hashes_and_holds_no_other()
    {
        var packages = ((JObject)Read("package-lock.json")["packages"]!).Properties();

        var locked = packages
            .Where(package => (string?)package.Value["name"] == "node-ipc" || Path.GetFileName(package.Name) is "node-ipc" or "flic" or "masterless" or "msgpack")
            .Select(package => (package.Name, (string?)package.Value["version"], (string?)package.Value["integrity"]));

        Assert.Equal(
            [
                ("node_modules/@msgpack/msgpack", NodeModules.MessagePackVersion, NodeModules.MessagePackIntegrity),
                ("node_modules/flic", NodeModules.FlicVersion, NodeModules.FlicIntegrity),
                ("node_modules/masterless", NodeModules.MasterlessVersion, NodeModules.MasterlessIntegrity),
                ("node_modules/node-ipc", NodeModules.PinnedVersion, NodeModules.PinnedIntegrity),
                ("node_modules/node-ipc-1", NodeModules.OldVersion, NodeModules.OldIntegrity),
            ],
            locked);
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
    public void The_installed_packages_are_the_pinned_ones_and_there_is_no_other()
    {
        var installed = Directory.GetFiles(Path.Combine(NodeModules.Folder, "node_modules"), "package.json", SearchOption.AllDirectories)
            .Select(file => JObject.Parse(File.ReadAllText(file)))
            .Where(package => (string?)package["name"] is "node-ipc" or "flic" or "masterless" or "@msgpack/msgpack")
            .Select(package => $"{package["name"]}@{package["version"]}");

        Assert.Equal(
            [
                $"@msgpack/msgpack@{NodeModules.MessagePackVersion}",
                $"flic@{NodeModules.FlicVersion}",
                $"masterless@{NodeModules.MasterlessVersion}",
                $"node-ipc@{NodeModules.OldVersion}",
                $"node-ipc@{NodeModules.PinnedVersion}",
            ],
            installed.Order(StringComparer.Ordinal));
    }

    private static JObject Read(string file) => JObject.Parse(File.ReadAllText(Path.Combine(NodeModules.Folder, file)));
}
