using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Link.Benchmarks;

/// <summary>
/// Where the server process is on the network. It takes the ports that the operating system gives it, so it writes them into the directory of
/// the run, with the certificate to trust.
/// </summary>
/// <param name="Peers">The endpoints of its Link servers, by name.</param>
/// <param name="FloorTcp">The port of the bare TCP socket.</param>
/// <param name="FloorTls">The port of the bare TLS stream.</param>
/// <param name="FloorUdp">The port of the bare UDP socket.</param>
internal sealed record NetworkPlaces(IReadOnlyDictionary<string, string> Peers, int FloorTcp, int FloorTls, int FloorUdp)
{
    public static async Task WriteAsync(string directory, NetworkPlaces places, X509Certificate2 authority)
    {
        await File.WriteAllTextAsync(AuthorityFile(directory), authority.ExportCertificatePem());
        await File.WriteAllTextAsync(PlacesFile(directory), JsonSerializer.Serialize(places));
    }

    /// <summary>Once the server process is ready.</summary>
    public static async Task<NetworkPlaces> ReadAsync(string directory, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<NetworkPlaces>(await File.ReadAllTextAsync(PlacesFile(directory), cancellationToken))!;

    /// <summary>The certificate to trust, in PEM form.</summary>
    public static string AuthorityFile(string directory) => $"{directory}ca.pem";

    private static string PlacesFile(string directory) => $"{directory}places.json";
}
