using Link.Dispatching;
using Link.Testing;
using Link.Tests.Support;

namespace Link.Tests.Dispatching;

public sealed class WorkQueueTests : IDisposable
{
    private readonly Watchdog _watchdog = new();
    private readonly Inbox<bool> _flushes = new();
    private readonly WorkQueue _queue;

    public WorkQueueTests() => _queue = new WorkQueue(_watchdog, () => _flushes.Put(true));

    public void Dispose() => _watchdog.Dispose();

    [Fact]
    public async Task Items_run_in_order_on_a_pool_thread_and_are_flushed_once()
    {
        // Nobody takes the batch over, however slow the machine is.
        _watchdog.Dispose();
        var ran = new List<int>();
        var threads = new HashSet<int>();
        for (var number = 0; number < 1_000; number++)
        {
            var item = number;
            Add(() =>
            {
                ran.Add(item);
                threads.Add(Environment.CurrentManagedThreadId);
                Assert.True(Thread.CurrentThread.IsThreadPoolThread);
            });
        }

        Assert.Empty(ran);
        _queue.HandOver();
        await _flushes.NextAsync();
        Assert.Equal(Enumerable.Range(0, 1_000), ran);
        Assert.Single(threads);
        Assert.False(_flushes.TryNext(out _));
    }

    [Fact]
    public async Task Nothing_to_do_is_nothing_done()
    {
        _queue.HandOver();
        await Task.Run(_queue.RunHere);
        Assert.False(_flushes.TryNext(out _));
    }

    [Fact]
    public async Task A_pool_thread_that_offers_itself_runs_the_items()
    {
        await Task.Run(() =>
        {
            var ran = 0;
            Add(() => ran = Environment.CurrentManagedThreadId);
            _queue.RunHere();
            Assert.Equal(Environment.CurrentManagedThreadId, ran);
        });
    }

    [Fact]
    public async Task No_other_thread_runs_user_code()
    {
        var ran = new Inbox<(int Thread, bool IsPool)>();
        var own = 0;
        var thread = new Thread(() =>
        {
            own = Environment.CurrentManagedThreadId;
            Add(() => ran.Put((Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread)));
            _queue.RunHere();
        });
        thread.Start();
        var (runner, isPool) = await ran.NextAsync();
        Assert.True(thread.Join(Within.Default));
        Assert.NotEqual(own, runner);
        Assert.True(isPool);
    }

    [Fact]
    public async Task An_item_that_offers_its_thread_to_another_queue_does_not_nest()
    {
        var other = new WorkQueue(_watchdog, () => { });
        var order = new Inbox<string>();
        Add(() =>
        {
            var ran = new ManualResetEventSlim();
            other.Add(new WorkItem(() =>
            {
                order.Put("other");
                ran.Set();
            }));
            other.RunHere();
            Assert.True(ran.Wait(Within.Default));
            order.Put("first");
        });
        await Task.Run(_queue.RunHere);
        Assert.Equal("other", await order.NextAsync());
        Assert.Equal("first", await order.NextAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_waits_behind_an_item_that_blocks_is_run_by_another_thread(bool addedLater)
    {
        var release = new ManualResetEventSlim();
        var blocked = new Inbox<int>();
        var behind = new Inbox<int>();
        Add(() =>
        {
            blocked.Put(Environment.CurrentManagedThreadId);
            Assert.True(release.Wait(Within.Default));
        });
        if (!addedLater)
        {
            Add(() => behind.Put(Environment.CurrentManagedThreadId));
        }

        _queue.HandOver();
        var blocker = await blocked.NextAsync();
        if (addedLater)
        {
            Add(() => behind.Put(Environment.CurrentManagedThreadId));
            _queue.HandOver();
        }

        Assert.NotEqual(blocker, await behind.NextAsync());
        release.Set();
        await AssertRunsAsync();
    }

    [Fact]
    public async Task Any_number_of_items_may_block()
    {
        const int Count = 8;
        var release = new ManualResetEventSlim();
        var blocked = new Inbox<int>();
        for (var number = 0; number < Count; number++)
        {
            var item = number;
            Add(() =>
            {
                blocked.Put(item);
                Assert.True(release.Wait(Within.Default));
            });
        }

        _queue.HandOver();
        for (var number = 0; number < Count; number++)
        {
            Assert.Equal(number, await blocked.NextAsync());
        }

        await AssertRunsAsync();
        release.Set();
        await AssertRunsAsync();
    }

    [Fact]
    public async Task A_write_may_wait_for_the_end_of_the_batch_only_while_more_waits_in_it()
    {
        var deferred = new Inbox<bool>();
        for (var number = 0; number < 3; number++)
        {
            Add(() => deferred.Put(_queue.MayDeferFlush));
        }

        Assert.False(_queue.MayDeferFlush);
        _watchdog.Dispose();
        await Task.Run(() =>
        {
            _queue.RunHere();
            Assert.False(_queue.MayDeferFlush);
        });
        Assert.True(await deferred.NextAsync());
        Assert.True(await deferred.NextAsync());
        Assert.False(await deferred.NextAsync());
    }

    [Fact]
    public async Task A_write_to_another_connection_does_not_wait()
    {
        var other = new WorkQueue(_watchdog, () => { });
        var deferred = new Inbox<bool>();
        other.Add(new WorkItem(() => { }));
        Add(() => deferred.Put(other.MayDeferFlush));
        Add(() => { });
        _queue.HandOver();
        Assert.False(await deferred.NextAsync());
    }

    [Fact]
    public async Task An_item_that_was_overtaken_may_no_longer_leave_its_writes_behind()
    {
        var release = new ManualResetEventSlim();
        var hold = new ManualResetEventSlim();
        var deferred = new Inbox<bool>();
        var overtaken = new Inbox<bool>();
        Add(() =>
        {
            Assert.True(release.Wait(Within.Default));
            deferred.Put(_queue.MayDeferFlush);
        });
        Add(() =>
        {
            overtaken.Put(true);
            Assert.True(hold.Wait(Within.Default));
        });
        _queue.HandOver();
        await overtaken.NextAsync();
        release.Set();
        Assert.False(await deferred.NextAsync());
        hold.Set();
    }

    [Fact]
    public async Task What_was_left_behind_is_sent_while_the_batch_is_held_up()
    {
        var release = new ManualResetEventSlim();
        var left = new Inbox<bool>();
        Add(() =>
        {
            left.Put(_queue.MayDeferFlush);
            Assert.True(release.Wait(Within.Default));
        });
        Add(() => Assert.True(release.Wait(Within.Default)));
        _queue.HandOver();
        Assert.True(await left.NextAsync());
        await _flushes.NextAsync();
        release.Set();
    }

    [Fact]
    public async Task Who_lent_the_thread_is_told_that_it_is_held_up()
    {
        var release = new ManualResetEventSlim();
        var heldUp = new Inbox<bool>();
        _queue.OnHeldUp = () => heldUp.Put(true);
        Add(() => Assert.True(release.Wait(Within.Default)));
        var lent = Task.Run(_queue.RunHere);
        await heldUp.NextAsync();
        release.Set();
        await Within.Deadline(lent);
    }

    private void Add(Action run) => _queue.Add(new WorkItem(run));

    private async Task AssertRunsAsync()
    {
        var ran = new Inbox<bool>();
        Add(() => ran.Put(true));
        _queue.HandOver();
        await ran.NextAsync();
    }
}
