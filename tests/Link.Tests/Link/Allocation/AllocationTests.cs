using System.Globalization;
using Link.Testing;
using Link.Tests.Streams.Sockets;

namespace Link.Tests.Allocation;

/// <summary>What a request costs the side that sends it, its payload left as it is both ways (performance.md).</summary>
public sealed class AllocationTests
{
    private const double MostBytes = 400;
    private const int MostMeasurements = 20;

    [Fact]
    public async Task A_request_allocates_at_most_400_bytes()
    {
        using var directory = new Testing.SocketDirectory();
        await using var answering = await Claimant.StartAsync("answer", directory.Path, "peer");
        await using var measuring = await Claimant.StartAsync("measure", directory.Path, "peer");

        // Only the least is the requests' own: other work of the runtime adds to some measurements and takes from none.
        var least = double.MaxValue;
        for (var count = 0; count < MostMeasurements && least > MostBytes; count++)
        {
            least = Math.Min(least, await MeasureAsync(measuring, 0));
        }

        Assert.InRange(least, 100, MostBytes);

        // One small object more in each request, and it would not pass.
        Assert.InRange(await MeasureAsync(measuring, 1000), least + 900, double.MaxValue);
    }

    private static async Task<double> MeasureAsync(Claimant measuring, int more)
    {
        await measuring.WriteLineAsync(more.ToString(CultureInfo.InvariantCulture));
        return double.Parse((await measuring.ReadLineAsync())!, CultureInfo.InvariantCulture);
    }
}
