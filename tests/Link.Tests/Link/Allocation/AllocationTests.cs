using System.Globalization;
using Link.Testing;
using Link.Tests.Streams.Sockets;

namespace Link.Tests.Allocation;

/// <summary>What a request costs the side that sends it, its payload left as it is both ways (performance.md).</summary>
public sealed class AllocationTests
{
#if DEBUG
    // Without optimization the compiler makes the states of asynchronous methods objects of their own.
    private const double MostBytes = 420;
#else
    private const double MostBytes = 400;
#endif
    private const int MostMeasurements = 20;

    [Fact]
    public async Task A_request_allocates_no_more_than_its_ceiling()
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

        // Two small objects more in each request, and it would not pass.
        Assert.InRange(await MeasureAsync(measuring, 32), MostBytes + 20, double.MaxValue);
    }

    private static async Task<double> MeasureAsync(Claimant measuring, int more)
    {
        await measuring.WriteLineAsync(more.ToString(CultureInfo.InvariantCulture));
        return double.Parse((await measuring.ReadLineAsync())!, CultureInfo.InvariantCulture);
    }
}
