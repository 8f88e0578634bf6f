namespace Link.Benchmarks.Peers;

/// <summary>Counts the connections of a server, and tells when there are as many as somebody waits for. Safe for concurrent use.</summary>
internal sealed class ConnectionCount
{
    private readonly Lock _gate = new();
    private readonly List<(int Wanted, TaskCompletionSource Reached)> _waiting = [];
    private int _count;

    public ConnectionCount(Server server)
    {
        server.PeerConnected += (_, _) => Change(1);
        server.PeerDisconnected += (_, _) => Change(-1);
    }

    public Task WaitForAsync(int wanted)
    {
        lock (_gate)
        {
            if (_count == wanted)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((wanted, reached));
            return reached.Task;
        }
    }

    private void Change(int by)
    {
        lock (_gate)
        {
            _count += by;
            foreach (var (_, reached) in _waiting.Where(one => one.Wanted == _count))
            {
                reached.TrySetResult();
            }

            _waiting.RemoveAll(one => one.Reached.Task.IsCompleted);
        }
    }
}
