using System.Security.Cryptography;
using System.Text;

namespace Link.Streams.Tls;

/// <summary>
/// Keeps the last thing that was made of a text, for as long as the text stays the same. Thread-safe. What it gives is shared and
/// never disposed here: a handshake may still use what has just been replaced.
/// </summary>
internal sealed class LastMade<T>
    where T : class
{
    private volatile Entry? _last;

    /// <summary>What was made of this text before, or else is made now.</summary>
    public T Get(string text, Func<T> make)
    {
        // The text may hold a private key: only its hash is kept.
        var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        if (_last is not { } last || last.Hash != hash)
        {
            _last = last = new Entry(hash, make());
        }

        return last.Value;
    }

    private sealed record Entry(string Hash, T Value);
}
