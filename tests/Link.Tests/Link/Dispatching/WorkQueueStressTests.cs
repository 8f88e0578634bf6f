using Link.Dispatching;
using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests.Dispatching;

public sealed class WorkQueueStressTests : IDisposable
{
    private readonly Watchdog _watchdog = new();

    public void Dispose() => _watchdog.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_item_is_lost_or_run_twice_whoever_adds_and_runs(bool lending)
    {
        const int Producers = 4;
        const int Each = 25_000;
        var queue = new WorkQueue(_watchdog, () => { });
        if (lending)
        {
            queue.OnHeldUp = () => { };
        }

        var runs = new int[Producers * Each];
        var left = runs.Length;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var producers = Enumerable.Range(0, Producers).Select(producer => Task.Run(() =>
        {
            for (var number = 0; number < Each; number++)
            {
                var item = (producer * Each) + number;
                queue.Add(new WorkItem(() =>
                {
                    Interlocked.Increment(ref runs[item]);
                    if (Interlocked.Decrement(ref left) == 0)
                    {
                        done.SetResult();
                    }
                }));
                if (number % 3 == 0)
                {
                    queue.RunHere();
                }
                else
                {
                    queue.HandOver();
                }
            }
        }));
        await Within.Deadline(Task.WhenAll(producers));
        await Within.Deadline(done.Task);
        Assert.All(runs, count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task An_item_added_when_the_worker_is_about_to_rest_is_run()
    {
        var queue = new WorkQueue(_watchdog, () => { });
        for (var round = 0; round < 20_000; round++)
        {
            var first = new TaskCompletionSource();
            var second = new TaskCompletionSource();
            queue.Add(new WorkItem(first.SetResult));
            queue.HandOver();
            await Within.Deadline(first.Task);
            queue.Add(new WorkItem(second.SetResult));
            queue.HandOver();
            await Within.Deadline(second.Task);
        }
    }

    [Fact]
    public async Task Items_that_wait_for_the_ones_behind_them_all_end()
    {
        const int Pairs = 40;
        var queue = new WorkQueue(_watchdog, () => { });
        var ended = new Inbox<int>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            var number = pair;
            var next = new ManualResetEventSlim();
            queue.Add(new WorkItem(() =>
            {
                if (next.Wait(Within.Default))
                {
                    ended.Put(number);
                }
            }));
            queue.HandOver();
            queue.Add(new WorkItem(next.Set));
            queue.HandOver();
        }

        var all = new HashSet<int>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            Assert.True(all.Add(await ended.NextAsync()));
        }
    }
}
