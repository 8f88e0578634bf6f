namespace Link.Flic;

/// <summary>
/// What was told without waiting for the answer, so that an error that answers it can be told from a second answer. The oldest are let go. Safe for
/// concurrent use.
/// </summary>
/// <param name="max">How many are remembered.</param>
internal sealed class ForgottenTells(int max)
{
    private readonly Dictionary<Guid, TellTarget> _targets = [];
    private readonly Queue<Guid> _byAge = new();
    private readonly Lock _gate = new();

    /// <summary>Remembers one.</summary>
    public void Add(Guid id, TellTarget target)
    {
        lock (_gate)
        {
            if (_byAge.Count >= max)
            {
                _targets.Remove(_byAge.Dequeue());
            }

            _byAge.Enqueue(id);
            _targets.Add(id, target);
        }
    }

    /// <summary>Lets one go.</summary>
    public bool Remove(Guid id, out TellTarget target)
    {
        lock (_gate)
        {
            return _targets.Remove(id, out target);
        }
    }
}
