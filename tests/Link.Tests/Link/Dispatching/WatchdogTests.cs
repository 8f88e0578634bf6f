using Link.Dispatching;
using Link.Tests.Support;
using Link.Testing;

namespace Link.Tests.Dispatching;

public sealed class WatchdogTests
{
    [Fact]
    public async Task A_queue_with_something_to_watch_is_ticked_again_and_again()
    {
        using var watchdog = new Watchdog();
        var release = new ManualResetEventSlim();
        var ticks = new Inbox<bool>();
        var queue = new WorkQueue(watchdog, () => ticks.Put(true)) { OnHeldUp = () => { } };
        queue.Add(new WorkItem(() => Assert.True(release.Wait(Within.Default))));
        queue.HandOver();
        for (var tick = 0; tick < 3; tick++)
        {
            await ticks.NextAsync();
        }

        release.Set();
    }

    [Fact]
    public async Task It_works_again_after_a_rest()
    {
        using var watchdog = new Watchdog();
        var queue = new WorkQueue(watchdog, () => { });
        for (var round = 0; round < 10; round++)
        {
            var release = new ManualResetEventSlim();
            var (blocked, behind, ended) = (new Inbox<bool>(), new Inbox<bool>(), new Inbox<bool>());
            queue.Add(new WorkItem(() =>
            {
                blocked.Put(true);
                ended.Put(release.Wait(Within.Default));
            }));
            queue.HandOver();
            await blocked.NextAsync();
            queue.Add(new WorkItem(() => behind.Put(true)));
            queue.HandOver();
            await behind.NextAsync();
            release.Set();
            Assert.True(await ended.NextAsync());
        }
    }

    [Fact]
    public async Task It_watches_many_queues_at_once()
    {
        using var watchdog = new Watchdog();
        var release = new ManualResetEventSlim();
        var behind = new Inbox<int>();
        for (var number = 0; number < 5; number++)
        {
            var item = number;
            var queue = new WorkQueue(watchdog, () => { });
            queue.Add(new WorkItem(() => Assert.True(release.Wait(Within.Default))));
            queue.Add(new WorkItem(() => behind.Put(item)));
            queue.HandOver();
        }

        var all = new HashSet<int>();
        while (all.Count < 5)
        {
            all.Add(await behind.NextAsync());
        }

        release.Set();
    }

    [Fact]
    public async Task After_disposal_items_still_run()
    {
        var watchdog = new Watchdog();
        watchdog.Dispose();
        watchdog.Dispose();
        var ran = new Inbox<int>();
        var queue = new WorkQueue(watchdog, () => { });
        queue.Add(new WorkItem(() => ran.Put(1)));
        queue.Add(new WorkItem(() => ran.Put(2)));
        queue.HandOver();
        Assert.Equal(1, await ran.NextAsync());
        Assert.Equal(2, await ran.NextAsync());
    }
}
