using Link.Streams.Sockets;

namespace Link.Tests.Streams.Sockets;

/// <summary>
/// The second process of the tests that need one. It tells each step in a line of output and goes on with each line of input;
/// the end of its input ends it.
/// </summary>
internal static class ClaimantProgram
{
    private static async Task<int> Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["claim", var path]:
                using (await Claims.ClaimAsync(path))
                {
                    await HoldAsync();
                }

                return 0;
            case ["lock", var path]:
                await using (new FileStream(path + ".lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None))
                {
                    await HoldAsync();
                }

                return 0;
            case ["race"]:
                await RaceAsync();
                return 0;
            case ["answer", var root, var name]:
                await Allocation.AllocationProgram.AnswerAsync(root, name);
                return 0;
            case ["measure", var root, var name]:
                await Allocation.AllocationProgram.MeasureAsync(root, name);
                return 0;
            default:
                return 2;
        }
    }

    private static async Task HoldAsync()
    {
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
    }

    // Two lines of input make a round: a path to claim, then anything to give it up.
    private static async Task RaceAsync()
    {
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } path)
        {
            using var claimed = await Claims.TryClaimAsync(path);
            Console.WriteLine(claimed is null ? "lost" : "won");
            await Console.In.ReadLineAsync();
            claimed?.Dispose();
            Console.WriteLine("left");
        }
    }
}
