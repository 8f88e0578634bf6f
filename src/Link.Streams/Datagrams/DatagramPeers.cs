using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Link.Streams.Datagrams;

/// <summary>The live channels of one socket, by the address of the peer. Not safe for concurrent use.</summary>
internal sealed class DatagramPeers(TimeProvider time)
{
    /// <summary>Whoever waits this long for an answer has given up, or never wanted one.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

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
    public DatagramChannel? LongestSilent() => Paid().MinBy(channel => channel.Heard);

    /// <summary>The peers that wait for no answer.</summary>
    public IReadOnlyCollection<DatagramChannel> Paid()
    {
        var now = time.GetTimestamp();
        return [.. _channels.Values.Where(channel => !channel.OwesAnswers || time.GetElapsedTime(channel.Active, now) > AnswerTime)];
    }

    /// <summary>Takes out the channels that have been idle for too long.</summary>
    /// <param name="limit">What is too long.</param>
    /// <param name="idle">Those channels.</param>
    /// <returns>After which time the next could be; at most the limit.</returns>
    public TimeSpan TakeIdle(TimeSpan limit, out List<DatagramChannel> idle)
    {
        idle = [];
        var now = time.GetTimestamp();
        var next = limit;
        foreach (var channel in _channels.Values)
        {
            var left = limit - time.GetElapsedTime(channel.Active, now);
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
