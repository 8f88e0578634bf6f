namespace Link.Masterless;

/// <summary>Lets one dial at a time go to the same place: the second may find what the first has made. Safe for concurrent use.</summary>
/// <typeparam name="TKey">What names a place.</typeparam>
internal sealed class DialGate<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, Place> _places = [];

    /// <summary>Waits for its turn, which ends with the disposal of what it gives.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<Turn> EnterAsync(TKey key, CancellationToken cancellationToken)
    {
        Place place;
        lock (_places)
        {
            if (!_places.TryGetValue(key, out place!))
            {
                _places[key] = place = new Place();
            }

            place.Users++;
        }

        try
        {
            await place.Free.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new Turn(this, key, place);
        }
        catch
        {
            Leave(key, place);
            throw;
        }
    }

    private void Leave(TKey key, Place place)
    {
        lock (_places)
        {
            if (--place.Users == 0)
            {
                _places.Remove(key);
            }
        }
    }

    /// <summary>Somebody's turn.</summary>
    public readonly struct Turn(DialGate<TKey> gate, TKey key, Place place) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose()
        {
            place.Free.Release();
            gate.Leave(key, place);
        }
    }

    /// <summary>Where one at a time may go.</summary>
    internal sealed class Place
    {
        /// <summary>Whether somebody is there.</summary>
        public SemaphoreSlim Free { get; } = new(1);

        /// <summary>How many are there or wait.</summary>
        public int Users { get; set; }
    }
}
