using System.Diagnostics;
using System.Reflection;

namespace Link.Interop.Harness;

/// <summary>The npm packages of the Node side: installed when they are missing, so that a fresh clone needs no further command.</summary>
public sealed class NodeModules : IAsyncLifetime
{
    /// <summary>The version of node-ipc that Link is compatible with.</summary>
    public const string PinnedVersion = "9.1.4";

    /// <summary>The version of the time when the protocol was young, here under the name <c>node-ipc-1</c>.</summary>
    public const string OldVersion = "1.2.2";

    /// <summary>The hash of the old version's package.</summary>
    public const string OldIntegrity = "sha512-MgFED3zSqNyIBtF/FV5P5cYohTmq7hyr/KGiKmtyvv95gebn98k1b8hRIu+NQUBjLrjBnjOL1AzadlRH2aB8HQ==";

    /// <summary>The hash of the package of <see cref="PinnedVersion"/>.</summary>
    public const string PinnedIntegrity = "sha512-A+f0mn2KxUt1uRTSd5ktxQUsn2OEhj5evo7NUi/powBzMSZ0vocdzDjlq9QN2v3LH6CJi3e5xAenpZ1QwU5A8g==";

    /// <summary>The version of flic that Link is compatible with.</summary>
    public const string FlicVersion = "1.3.7";

    /// <summary>The hash of the package of <see cref="FlicVersion"/>.</summary>
    public const string FlicIntegrity = "sha512-GJfkBSkGWDurQZAVUhJz81wmbd0QecfDcegrS15+HnWYKuUi/GKVQDQOmHtn4Bxdku92/blnyrOIaSgkz41QSQ==";

    /// <summary>The version of the MessagePack codec that gives the second opinion.</summary>
    public const string MessagePackVersion = "3.1.3";

    /// <summary>The hash of the package of <see cref="MessagePackVersion"/>.</summary>
    public const string MessagePackIntegrity = "sha512-47XIizs9XZXvuJgoaJUIE2lFoID8ugvc0jzSHP+Ptfk8nTbnR8g788wv48N03Kx0UkAv559HWRQ3yzOgzlRNUA==";

    /// <summary>The version of masterless that Link is compatible with.</summary>
    public const string MasterlessVersion = "0.4.1";

    /// <summary>The hash of the package of <see cref="MasterlessVersion"/>.</summary>
    public const string MasterlessIntegrity = "sha512-tzAKfKX4+JvQw+u/b0G8fKFNmKebmXuz+UCPEgFd6j9b1nntnSLDZuv10RmC6mUhUQ+cnZUWVOIiEBdNbLO78A==";

    private static readonly TimeSpan InstallDeadline = TimeSpan.FromMinutes(5);

    /// <summary>The folder of package.json and the scripts.</summary>
    public static string Folder { get; } = typeof(NodeModules).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "NodeDirectory").Value!;

    // npm writes this file last: an installation cut short has none.
    private static string InstalledLock => Path.Combine(Folder, "node_modules", ".package-lock.json");

    /// <inheritdoc/>
    public Task InitializeAsync() =>
        Task.Factory.StartNew(InstallOnce, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <inheritdoc/>
    public Task DisposeAsync() => Task.CompletedTask;

    private static bool IsInstalled()
    {
        var installed = File.Exists(InstalledLock) ? File.ReadAllText(InstalledLock) : "";
        return new[] { PinnedIntegrity, OldIntegrity, FlicIntegrity, MasterlessIntegrity, MessagePackIntegrity }.All(each => installed.Contains(each, StringComparison.Ordinal));
    }

    // A named mutex, because test runs of one clone may overlap; it belongs to a thread, so nothing here is asynchronous.
    private static void InstallOnce()
    {
        using var mutex = new Mutex(initiallyOwned: false, "link-interop-npm-ci");
        try
        {
            if (!mutex.WaitOne(InstallDeadline))
            {
                throw new TimeoutException("Another test run has not finished installing the npm packages.");
            }
        }
        catch (AbandonedMutexException)
        {
            // Its owner died; the mutex is ours and what it left is judged below.
        }

        try
        {
            if (!IsInstalled())
            {
                Install();
            }
        }
        finally
        {
            mutex.ReleaseMutex();
        }
    }

    private static void Install()
    {
        using var npm = Process.Start(new ProcessStartInfo("npm", ["ci"])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("npm did not start.");
        npm.StandardInput.Close();
        var output = npm.StandardOutput.ReadToEndAsync();
        var errors = npm.StandardError.ReadToEndAsync();
        if (!npm.WaitForExit(InstallDeadline))
        {
            npm.Kill(entireProcessTree: true);
            npm.WaitForExit();
            throw new TimeoutException($"npm ci took longer than {InstallDeadline.TotalMinutes} minutes.");
        }

        if (npm.ExitCode != 0)
        {
            throw new InvalidOperationException($"npm ci failed with {npm.ExitCode}: {output.Result} {errors.Result}");
        }
    }
}
