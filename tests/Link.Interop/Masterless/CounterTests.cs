using Link.Interop.Harness;
using Link.Masterless;
using Link.Testing;

namespace Link.Interop.Masterless;

/// <summary>The example of masterless's README: two nodes that count in turns.</summary>
[Collection(MeshNodes.Name)]
public sealed class CounterTests
{
    private const string Left = "e4663c9c3f9a89112afc48389a951e09";
    private const string Right = "b073a8ee09e1daca57e9d54a5efe5684";
    private const int Enough = 1001;

    private static readonly object[] Start = [new { type = "counter", total = 0 }];

    public static TheoryData<MeshFormat> Formats => MeshMeeting.Formats;

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task It_counts_past_1000_with_CSharp_on_the_left(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var counts = new Counts();
        var left = await meeting.AddSharpAsync(Left, react: counts.React);
        var right = await meeting.AddScriptAsync(Right, "counter", Start, host: null);
        await left.Node.KeepAsync(Right);

        Assert.Equal(Left, await right.ConnectAsync(left.Info));

        await Within.Deadline(counts.Reached(Enough));
        await right.CallAsync("countedTo", Enough);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task It_counts_past_1000_with_CSharp_on_the_right(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var counts = new Counts();
        var left = await meeting.AddScriptAsync(Left, "counter", host: null);
        var right = await meeting.AddSharpAsync(Right, react: counts.React);
        right.Node.Connected += (_, e) => right.Node.SendAsync(e.Id, Start[0]);

        Assert.Equal(Left, await right.Node.ConnectAsync(left.Info));

        await Within.Deadline(counts.Reached(Enough));
        await left.CallAsync("countedTo", Enough);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task It_counts_past_1000_with_CSharp_on_both_sides(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var (leftCounts, rightCounts) = (new Counts(), new Counts());
        var left = await meeting.AddSharpAsync(Left, react: leftCounts.React);
        var right = await meeting.AddSharpAsync(Right, react: rightCounts.React);
        right.Node.Connected += (_, e) => right.Node.SendAsync(e.Id, Start[0]);

        await right.Node.ConnectAsync(left.Info);

        await Within.Deadline(Task.WhenAll(leftCounts.Reached(Enough), rightCounts.Reached(Enough)));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task As_published_it_delivers_one_packet_to_CSharp_on_the_left(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var counts = new Counts();
        var left = await meeting.AddSharpAsync(Left, react: counts.React);
        var right = await meeting.AddScriptAsync(Right, "counter", Start, host: null);

        await right.ConnectAsync(left.Info);

        await left.Disconnected.NextAsync();
        await right.HappenedAsync("disconnect");
        await Within.Deadline(counts.Reached(0));
        Assert.Equal(0, counts.Highest);
        Assert.Equal(-1, (int)(await right.CallAsync("highestSoFar"))!);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task As_published_it_delivers_one_packet_from_CSharp_on_the_right_that_does_not_keep(MeshFormat format)
    {
        await using var meeting = new MeshMeeting(format);
        var counts = new Counts();
        var left = await meeting.AddScriptAsync(Left, "counter", host: null);
        var right = await meeting.AddSharpAsync(Right, react: counts.React);
        right.Node.Connected += (_, e) => right.Node.SendAsync(e.Id, Start[0]);

        await right.Node.ConnectAsync(left.Info, keep: false);

        await right.Disconnected.NextAsync();
        await left.HappenedAsync("disconnect");
        Assert.Equal(0, (int)(await left.CallAsync("highestSoFar"))!);
        Assert.Equal(-1, counts.Highest);
    }

    /// <summary>What a node of Link does with the packets of the example.</summary>
    private sealed class Counts
    {
        private readonly Seen<int> _totals = new();

        public int Highest { get; private set; } = -1;

        public Func<MeshMessage, Task> React(MeshSharp sharp) => message =>
        {
            var total = (int)message.Data["total"]!;
            Highest = Math.Max(Highest, total);
            _totals.Add(total);
            return message.ReplyAsync(new { type = "counter", total = total + 1 });
        };

        public async Task Reached(int total)
        {
            while (await _totals.NextAsync() < total)
            {
            }
        }
    }
}
