using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Link.Streams.Datagrams;

/// <summary>The live channels of one socket, by the address of the peer. Not safe for concurrent use.</summary>
internal sealed class DatagramPeers(DatagramLimits limits, TimeProvider time)
{
    // Whoever waits this long for an answer has given up, or never wanted one.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    private readonly Dictionary<SocketAddress, DatagramChannel> _channels = [];

    public int Count => _channels.Count;

    public IReadOnlyCollection<DatagramChannel> All => [.. _channels.Values];

    /// <summary>Looks an address up, without keeping or copying it.</summary>
    public bool TryGet(SocketAddress address, [MaybeNullWhen(false)] out DatagramChannel channel) => _channels.TryGetValue(address, out channel);

    public void Add(DatagramChannel channel) => _channels.Add(channel.Address!, channel);

    public void Remove(DatagramChannel channel)
    {
        if (TryGet(channel.Address!, out var found) && found == channel)
        {
            _channels.Remove(channel.Address!);
        }
    }

    /// <summary>The peer heard of longest ago that waits for no answer; null when all do.</summary>
    public DatagramChannel? LongestSilent()
    {
        var now = time.GetTimestamp();
        return _channels.Values
            .Where(channel => !channel.OwesAnswers || time.GetElapsedTime(channel.Active, now) > AnswerTime)
            .MinBy(channel => channel.Heard);
    }

    /// <summary>Takes out the channels that have been idle for too long.</summary>
    /// <param name="idle">Those channels.</param>
    /// <returns>After which time the next could be; at most the idle time.</returns>
    public TimeSpan TakeIdle(out List<DatagramChannel> idle)
    {
        idle = [];
        var now = time.GetTimestamp();
        var next = limits.IdleTimeout;
        foreach (var channel in _channels.Values)
        {
            var left = limits.IdleTimeout - time.GetElapsedTime(channel.Active, now);
            if (left <= TimeSpan.Zero)
            {
                idle.Add(channel);
            }
            else if (left < next)
            {
                next = left;
            }
        }

        idle.ForEach(Remove);
        return next;
    }
}
