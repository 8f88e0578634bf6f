using Link.Streams.Sockets;

namespace Link.Tests.Streams.Sockets;

public sealed class SocketFileRaceTests : IDisposable
{
    private const int Rounds = 1000;

    private readonly SocketDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_starters_in_one_process_exactly_one_wins(bool overStaleFile)
    {
        for (var round = 0; round < Rounds; round++)
        {
            if (overStaleFile)
            {
                SocketDirectory.LeaveStaleFile(_directory["a"]);
            }

            var claims = await Task.WhenAll(
                Task.Run(() => Claims.TryClaimAsync(_directory["a"])), Task.Run(() => Claims.TryClaimAsync(_directory["a"])));
            Assert.Equal(["a"], _directory.Names);
            Assert.Single(claims, claim => claim is not null);
            foreach (var claim in claims)
            {
                claim?.Dispose();
            }

            Assert.Empty(_directory.Names);
        }
    }

    [Fact]
    public async Task Of_two_starters_in_two_processes_exactly_one_wins()
    {
        await using var other = await Claimant.StartAsync("race");
        for (var round = 0; round < Rounds; round++)
        {
            SocketDirectory.LeaveStaleFile(_directory["a"]);
            await other.WriteLineAsync(_directory["a"]);
            var own = await Claims.TryClaimAsync(_directory["a"]);
            var answer = await other.ReadLineAsync();
            Assert.Equal(own is null ? "won" : "lost", answer);
            Assert.Equal(["a"], _directory.Names);

            own?.Dispose();
            await other.WriteLineAsync("leave");
            Assert.Equal("left", await other.ReadLineAsync());
            Assert.Empty(_directory.Names);
        }
    }

    [Fact]
    public async Task Claims_and_disposals_that_overlap_leave_nothing_behind()
    {
        const int Starters = 4;
        const int RoundsEach = 250;
        var owners = 0;
        await Task.WhenAll(Enumerable.Range(0, Starters).Select(_ => Task.Run(async () =>
        {
            for (var round = 0; round < RoundsEach; round++)
            {
                if (await Claims.TryClaimAsync(_directory["a"]) is { } claimed)
                {
                    Assert.Equal(1, Interlocked.Increment(ref owners));
                    await Task.Yield();
                    Interlocked.Decrement(ref owners);
                    claimed.Dispose();
                }
            }
        })));

        // Who could not get the lock within its bound left a stale file, which one more claim and disposal remove.
        (await Claims.ClaimAsync(_directory["a"])).Dispose();
        Assert.Empty(_directory.Names);
    }
}
