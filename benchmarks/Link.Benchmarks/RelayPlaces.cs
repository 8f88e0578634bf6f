using System.Text.Json;

namespace Link.Benchmarks;

/// <summary>Where the process in the middle listens; it writes that into the directory of the run.</summary>
/// <param name="Bridge">The port of the bridge.</param>
/// <param name="Floor">The port of the relay of bare bytes.</param>
internal sealed record RelayPlaces(int Bridge, int Floor)
{
    public static Task WriteAsync(string directory, RelayPlaces places) => File.WriteAllTextAsync(FileIn(directory), JsonSerializer.Serialize(places));

    /// <summary>Whether the run has a process in the middle.</summary>
    public static bool AreIn(string directory) => File.Exists(FileIn(directory));

    /// <summary>Once that process is ready.</summary>
    public static async Task<RelayPlaces> ReadAsync(string directory, CancellationToken cancellationToken = default) =>
        JsonSerializer.Deserialize<RelayPlaces>(await File.ReadAllTextAsync(FileIn(directory), cancellationToken))!;

    private static string FileIn(string directory) => $"{directory}relay.json";
}
