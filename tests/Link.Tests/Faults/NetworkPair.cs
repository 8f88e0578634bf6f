using System.Diagnostics;
using System.Runtime.Versioning;
using Link.Testing;

namespace Link.Tests.Faults;

/// <summary>
/// Two network namespaces joined by a pair of virtual interfaces, each with an address: two machines with a cable. Disposal removes them. Needs
/// root and the program <c>ip</c>.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class NetworkPair : IAsyncDisposable
{
    public const string OneAddress = "10.213.0.1";
    public const string TwoAddress = "10.213.0.2";

    private const string Nowhere = "02:00:00:00:00:99";

    private NetworkPair()
    {
    }

    public string One { get; } = TestNames.Next("lk1");

    public string Two { get; } = TestNames.Next("lk2");

    public static async Task<NetworkPair> CreateAsync()
    {
        var pair = new NetworkPair();
        try
        {
            await pair.BuildAsync();
            return pair;
        }
        catch (Exception exception)
        {
            await pair.DisposeAsync();
            Assert.Fail($"This test needs network namespaces: root, and the program ip of iproute2. They cannot be made here: {exception.Message}");
            throw;
        }
    }

    /// <summary>Drops every packet from now on, both ways, without a word to anybody: they go to a card that nobody has.</summary>
    public Task CutAsync() => Task.WhenAll(PointAsync(One, TwoAddress), PointAsync(Two, OneAddress));

    public async ValueTask DisposeAsync()
    {
        // The interfaces go with their namespaces.
        await TryDeleteAsync(One);
        await TryDeleteAsync(Two);
    }

    private static Task PointAsync(string space, string address) =>
        RunAsync("-n", space, "neigh", "replace", address, "lladdr", Nowhere, "dev", "eth", "nud", "permanent");

    private static async Task TryDeleteAsync(string space)
    {
        try
        {
            await RunAsync("netns", "delete", space);
        }
        catch (InvalidOperationException)
        {
            // It was never made.
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no such program.
        }
    }

    private static async Task RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync().WaitAsync(Within.Default);
        await process.WaitForExitAsync().WaitAsync(Within.Default);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error.Trim()}");
        }
    }

    private async Task BuildAsync()
    {
        await RunAsync("netns", "add", One);
        await RunAsync("netns", "add", Two);
        await RunAsync("-n", One, "link", "add", "eth", "type", "veth", "peer", "name", "eth", "netns", Two);
        foreach (var (space, address) in new[] { (One, OneAddress), (Two, TwoAddress) })
        {
            await RunAsync("-n", space, "address", "add", $"{address}/24", "dev", "eth");
            await RunAsync("-n", space, "link", "set", "eth", "up");
        }
    }
}
