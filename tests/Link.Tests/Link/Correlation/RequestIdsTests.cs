using Link.Abstractions;

namespace Link.Tests.Correlation;

public sealed class RequestIdsTests
{
    private const string Base36 = "0123456789abcdefghijklmnopqrstuvwxyz";
    private const int RandomDigits = 13;

    [Fact]
    public void An_id_is_a_string_in_lower_case_base36()
    {
        var ids = new RequestIds();
        for (var count = 0; count < 2_000; count++)
        {
            var id = ids.Next();
            Assert.Matches("^[0-9a-z]{14,26}$", id.ToString());
            Assert.Equal($"\"{id}\"", System.Text.Encoding.UTF8.GetString(id.Json.Span));
        }
    }

    [Fact]
    public void An_id_ends_with_a_counter()
    {
        var ids = new RequestIds();
        for (var count = 1UL; count < 5_000; count++)
        {
            Assert.Equal(count, Number(ids.Next().ToString()[RandomDigits..]));
        }
    }

    [Fact]
    public void All_64_bits_before_the_counter_are_random()
    {
        var ids = new RequestIds();
        var (set, clear) = (0UL, 0UL);
        for (var count = 0; count < 1_000; count++)
        {
            var random = Number(ids.Next().ToString()[..RandomDigits]);
            set |= random;
            clear |= ~random;
        }

        Assert.Equal((ulong.MaxValue, ulong.MaxValue), (set, clear));
    }

    [Fact]
    public void A_million_ids_are_a_million()
    {
        const int Count = 1_000_000;
        var ids = new RequestIds();
        var seen = new HashSet<RequestId>(Count);
        for (var count = 0; count < Count; count++)
        {
            Assert.True(seen.Add(ids.Next()));
        }
    }

    [Fact]
    public void Threads_and_servers_share_no_id()
    {
        const int Count = 50_000;
        var (one, two) = (new RequestIds(), new RequestIds());
        var all = new RequestId[4][];
        Parallel.For(0, all.Length, thread => all[thread] =
            [.. Enumerable.Range(0, Count).Select(_ => (thread % 2 == 0 ? one : two).Next())]);
        Assert.Equal(all.Length * Count, all.SelectMany(ids => ids).Distinct().Count());
    }

    // The lowest digit comes first; the highest of thirteen may carry beyond 64 bits only by wrapping.
    private static ulong Number(string digits) =>
        digits.Reverse().Aggregate(0UL, (number, digit) => unchecked((number * 36) + (ulong)Base36.IndexOf(digit, StringComparison.Ordinal)));
}
