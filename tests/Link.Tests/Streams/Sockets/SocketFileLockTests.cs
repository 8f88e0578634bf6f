using Link.Abstractions;
using Link.Streams.Sockets;

namespace Link.Tests.Streams.Sockets;

public sealed class SocketFileLockTests : IDisposable
{
    private readonly SocketDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_lock_file_left_behind_is_taken_over_and_removed()
    {
        await using (await Claimant.StartAsync("lock", _directory["a"]))
        {
        }

        Assert.Equal(["a.lock"], _directory.Names);
        using var file = await Claims.ClaimAsync(_directory["a"]);
        Assert.Equal(["a"], _directory.Names);
    }

    [Fact]
    public async Task A_lock_held_by_another_process_ends_the_claim_in_bounded_time()
    {
        await using var holder = await Claimant.StartAsync("lock", _directory["a"]);
        var refusal = await Assert.ThrowsAsync<LinkException>(async () => await SocketFile.ClaimAsync(
            _directory["a"], true, 1, TimeSpan.FromMilliseconds(50), TimeProvider.System).AsTask().WaitAsync(Claims.Deadline));
        Assert.Equal(LinkError.NameUnavailable, refusal.Error);
        Assert.Contains("was held by another claimant for 50 ms", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["a.lock"], _directory.Names);
    }

    [Fact]
    public async Task A_claim_goes_on_when_the_lock_is_given_up()
    {
        Task<SocketFile> claim;
        await using (await Claimant.StartAsync("lock", _directory["a"]))
        {
            claim = Claims.ClaimAsync(_directory["a"]);
            Assert.False(claim.IsCompleted);
        }

        using var file = await claim;
        Assert.Equal(["a"], _directory.Names);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_for_the_lock()
    {
        await using var holder = await Claimant.StartAsync("lock", _directory["a"]);
        using var cancellation = new CancellationTokenSource();
        var claim = SocketFile.ClaimAsync(_directory["a"], true, 1, Claims.Deadline, TimeProvider.System, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claim.WaitAsync(Claims.Deadline));
        Assert.Equal(["a.lock"], _directory.Names);
    }

    [Fact]
    public async Task A_lock_file_that_is_a_symbolic_link_is_refused_and_its_target_is_not_made()
    {
        File.CreateSymbolicLink(_directory["a.lock"], _directory["target"]);
        Assert.Contains("a.lock is a symbolic link", await Claims.RefusedAsync(_directory["a"]), StringComparison.Ordinal);
        Assert.Equal(["a.lock"], _directory.Names);
    }

    [Fact]
    public async Task A_lock_file_that_is_a_directory_is_refused()
    {
        Directory.CreateDirectory(_directory["a.lock"]);
        Assert.Contains("a.lock is not a plain file", await Claims.RefusedAsync(_directory["a"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_file_of_another_user_is_refused_and_stays()
    {
        if (!Privileges.IsRoot)
        {
            // An ordinary user cannot give a file away, nor make a lock file where root keeps its own.
            await Claims.RefusedAsync("/etc/passwd");
            return;
        }

        await File.WriteAllTextAsync(_directory["a.lock"], "");
        Privileges.GiveToNobody(_directory["a.lock"]);
        Assert.Contains("belongs to another user (65534)", await Claims.RefusedAsync(_directory["a"]), StringComparison.Ordinal);
        Assert.Equal(["a.lock"], _directory.Names);
    }
}
