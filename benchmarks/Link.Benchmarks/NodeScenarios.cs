using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Link.Benchmarks;

/// <summary>The original's form on npm's node-ipc, and npm's masterless, from one Node process to another.</summary>
internal sealed class NodeScenarios : IAsyncDisposable
{
    private static readonly (string Name, string Version)[] Packages = [("node-ipc", "9.1.4"), ("masterless", "0.4.1")];

    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly ChildProcess _server;
    private readonly ChildProcess _client;

    private NodeScenarios(ChildProcess server, ChildProcess client)
    {
        _server = server;
        _client = client;
    }

    public IEnumerable<Measurement> All =>
    [
        new(Names.NodeRoundTrip, (duration, token) => MeasureAsync("node-ipc", 1, duration, token)),
        new(Names.NodeRate, (duration, token) => MeasureAsync("node-ipc", Payloads.InFlight, duration, token)),
        new(Names.MasterlessRoundTrip, (duration, token) => MeasureAsync("masterless", 1, duration, token)),
        new(Names.MasterlessRate, (duration, token) => MeasureAsync("masterless", Payloads.InFlight, duration, token)),
    ];

    /// <summary>Installs the package if needed, then starts both processes.</summary>
    public static async Task<NodeScenarios> StartAsync(string directory, CancellationToken cancellationToken)
    {
        var scripts = Path.Combine(AppContext.BaseDirectory, "node");
        await InstallAsync(scripts, cancellationToken);
        var server = await ChildProcess.StartAsync("node", [Path.Combine(scripts, "server.js"), directory], cancellationToken);
        try
        {
            return new(server, await ChildProcess.StartAsync("node", [Path.Combine(scripts, "client.js"), directory], cancellationToken));
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task<Sample> MeasureAsync(string form, int inFlight, TimeSpan duration, CancellationToken cancellationToken)
    {
        var question = string.Create(CultureInfo.InvariantCulture, $$"""{"form":"{{form}}","ms":{{duration.TotalMilliseconds}},"inFlight":{{inFlight}}}""");
        using var answer = JsonDocument.Parse(await _client.AskAsync(question, duration + Grace, cancellationToken));
        var result = answer.RootElement;
        var sample = new Sample { [Values.Rate] = result.GetProperty("requests").GetDouble() / result.GetProperty("seconds").GetDouble() };
        foreach (var name in new[] { Values.P50, Values.P99 })
        {
            if (result.TryGetProperty(name, out var value))
            {
                sample[name] = value.GetDouble();
            }
        }

        return sample;
    }

    private static bool IsInstalled(string scripts, string name, string version)
    {
        var package = Path.Combine(scripts, "node_modules", name, "package.json");
        if (!File.Exists(package))
        {
            return false;
        }

        using var installed = JsonDocument.Parse(File.ReadAllText(package));
        return installed.RootElement.GetProperty("version").GetString() == version;
    }

    /// <summary>Other versions have carried hostile code: the lock file pins these by their hashes, and no script of a package is run.</summary>
    private static async Task InstallAsync(string scripts, CancellationToken cancellationToken)
    {
        if (Packages.All(package => IsInstalled(scripts, package.Name, package.Version)))
        {
            return;
        }

        var start = new ProcessStartInfo("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        {
            WorkingDirectory = scripts,
            RedirectStandardOutput = true,
        };
        using var npm = Process.Start(start) ?? throw new InvalidOperationException("npm did not start.");
        try
        {
            await npm.StandardOutput.ReadToEndAsync(cancellationToken).WaitAsync(InstallTimeout, cancellationToken);
            await npm.WaitForExitAsync(cancellationToken).WaitAsync(InstallTimeout, cancellationToken);
        }
        finally
        {
            if (!npm.HasExited)
            {
                npm.Kill(entireProcessTree: true);
            }
        }

        if (npm.ExitCode != 0)
        {
            throw new InvalidOperationException("npm could not install the packages to compare with.");
        }
    }
}
