namespace Link.Benchmarks.Peers;

/// <summary>What many connections cost that do nothing, or nothing good.</summary>
internal sealed class ConnectionScenarios(string directory, LinkScenarios link)
{
    private const int IdleCount = 500;
    private const int SlowCount = 1000;

    // A listener keeps about 500 connections for a server that has not accepted them yet, and refuses more.
    private const int Together = 250;

    public IEnumerable<Measurement> All =>
    [
        new(Names.Idle, (_, token) => IdleAsync(used: false, token), OnceOnly: true),
        new(Names.Used, (_, token) => IdleAsync(used: true, token), OnceOnly: true),
        new(Names.WithoutSlow, (duration, _) => link.RoundTripAsync(duration)),
        new(Names.BesideSlow, BesideSlowAsync),
    ];

    /// <summary>In a server process of its own: what other measurements left in its pools would hide what connections take.</summary>
    private static async Task<Sample> IdleAsync(bool used, CancellationToken cancellationToken)
    {
        using var directory = new SocketDirectory();
        await using var process = await ServerProcess.StartAsync(ServerProcess.Serve, directory.Path, cancellationToken);
        await using var client = new LinkScenarios(directory.Path);
        using (var first = new RawConnections())
        {
            // What the first connections bring into being stays, however many follow.
            await first.OpenAsync(directory.Path, 8, cancellationToken);
            await first.AskAsync(cancellationToken);
            await client.AskStateAsync(connections: 8, collect: true);
        }

        var before = await client.AskStateAsync(connections: 0, collect: true);
        using var connections = new RawConnections();
        await OpenAsync(connections, directory.Path, IdleCount, client, cancellationToken);
        if (used)
        {
            await connections.AskAsync(cancellationToken);
        }

        var after = await client.AskStateAsync(connections: IdleCount, collect: true);
        return new Sample
        {
            [Values.Managed] = (double)(after.Managed - before.Managed) / IdleCount,
            [Values.Resident] = (double)(after.Resident - before.Resident) / IdleCount,
        };
    }

    private async Task<Sample> BesideSlowAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        using var slow = new RawConnections();
        await OpenAsync(slow, directory, SlowCount, link, cancellationToken);
        await slow.BeginFramesAsync(cancellationToken);
        var sample = await link.RoundTripAsync(duration);
        slow.Dispose();
        await link.AskStateAsync(connections: 0);
        return sample;
    }

    private static async Task OpenAsync(
        RawConnections connections, string directory, int count, LinkScenarios control, CancellationToken cancellationToken)
    {
        for (var open = Together; open <= count; open += Together)
        {
            await connections.OpenAsync(directory, Together, cancellationToken);
            await control.AskStateAsync(connections: open);
        }
    }
}
