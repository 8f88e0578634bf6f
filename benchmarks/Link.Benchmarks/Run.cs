using Link.Benchmarks.Floor;
using Link.Benchmarks.Peers;

namespace Link.Benchmarks;

/// <summary>
/// One run: starts the other side, warms up, measures round after round. Within a round a value of Link and the one it is compared
/// with are measured right after each other, in turn one or the other first.
/// </summary>
internal sealed class Run
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private readonly Options _options;
    private readonly List<Figure> _figures;
    private readonly List<Measurement> _measurements;
    private readonly List<Dictionary<string, Sample>> _rounds = [];
    private readonly Dictionary<string, string> _failures = [];

    private Run(Options options, IEnumerable<Measurement> available)
    {
        _options = options;
        _figures = [.. Figures.All.Where(options.Wants)];
        var byName = available.ToDictionary(measurement => measurement.Name);
        _measurements = [.. _figures
            .SelectMany(figure => new[] { figure.Reference?.Measurement, figure.Link.Measurement })
            .Distinct()
            .Where(name => name is not null && byName.ContainsKey(name))
            .Select(name => byName[name!])];
    }

    public static async Task<Outcome> MeasureAsync(Options options, CancellationToken cancellationToken)
    {
        using var directory = new SocketDirectory();
        await using var middle = await ServerProcess.StartAsync(ServerProcess.Relay, directory.Path, cancellationToken);
        await using var server = await ServerProcess.StartAsync(ServerProcess.Serve, directory.Path, cancellationToken);
        await using var node = options.WithNode ? await NodeScenarios.StartAsync(directory.Path, cancellationToken) : null;
        var places = await NetworkPlaces.ReadAsync(directory.Path, cancellationToken);
        await using var link = new LinkScenarios(directory.Path);
        var relay = await RelayPlaces.ReadAsync(directory.Path, cancellationToken);
        await using var bridge = new BridgeScenarios(relay);
        await using var mesh = new MeshScenarios(places);
        await using var network = new NetworkScenarios(directory.Path, places);
        var run = new Run(options, [
            .. new FloorScenarios(directory.Path).All,
            .. new NetworkFloorScenarios(directory.Path, places, relay).All,
            .. new DatagramFloorScenarios(places.FloorUdp).All,
            .. node?.All ?? [],
            .. link.All,
            .. network.All,
            .. bridge.All,
            .. mesh.All,
            .. new ConnectionScenarios(directory.Path, link).All,
        ]);
        await run.MeasureAsync(cancellationToken);
        return run.ToOutcome();
    }

    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"Warming up: {_measurements.Count} measurements");
        foreach (var measurement in _measurements.Where(measurement => !measurement.OnceOnly))
        {
            await MeasureAsync(measurement, _options.WarmUp, cancellationToken);
        }

        for (var round = 1; round <= _options.Rounds; round++)
        {
            await Console.Error.WriteLineAsync($"Round {round} of {_options.Rounds}");
            var samples = new Dictionary<string, Sample>();
            var order = round % 2 == 0 ? Enumerable.Reverse(_measurements) : _measurements;
            foreach (var measurement in order.Where(measurement => !measurement.OnceOnly || round == _options.Rounds))
            {
                if (await MeasureAsync(measurement, _options.Slice, cancellationToken) is { } sample)
                {
                    samples[measurement.Name] = sample;
                }
            }

            _rounds.Add(samples);
        }
    }

    /// <summary>Measures once; null when that fails, which does not keep the others from being measured.</summary>
    private async Task<Sample?> MeasureAsync(Measurement measurement, TimeSpan duration, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Off this thread: no measurement is to run on what another left behind on its stack.
            return await Task.Run(() => measurement.MeasureAsync(duration, cancellationToken), cancellationToken)
                .WaitAsync(duration + Grace, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _failures.TryAdd(measurement.Name, exception.Message);
            return null;
        }
    }

    private Outcome ToOutcome()
    {
        var results = _figures.Select(figure => new Result(figure, [.. _rounds
            .Select(round => (Link: Value(round, figure.Link), Reference: Value(round, figure.Reference)))
            .Where(values => !double.IsNaN(values.Link))]));
        return new Outcome(_options, [.. results], _failures);
    }

    private static double Value(Dictionary<string, Sample> round, Source? source) =>
        source is { } from && round.TryGetValue(from.Measurement, out var sample) && sample.TryGetValue(from.Value, out var value) ? value : double.NaN;
}
