using Link.Masterless;
using Link.Testing;

namespace Link.Tests.Masterless.Nodes;

public sealed class HandlerRoomTests
{
    private readonly HandlerRoom _room = new(8, 1000);

    [Fact]
    public async Task A_guest_takes_no_more_than_it_leaves()
    {
        var (first, second) = (new HandlerRoom.Guest(), new HandlerRoom.Guest());
        for (var n = 0; n < 4; n++)
        {
            Assert.True(await Within.Deadline(Enter(first)));
        }

        var fifth = Enter(first);
        Assert.False(fifth.IsCompleted);
        Assert.True(await Within.Deadline(Enter(second)));
        Assert.True(await Within.Deadline(Enter(second)));
        var third = Enter(second);
        Assert.False(third.IsCompleted || fifth.IsCompleted);

        _room.Leave(first, 1);
        Assert.True(await Within.Deadline(third));
        Assert.False(fifth.IsCompleted);
        _room.Leave(first, 1);
        _room.Leave(first, 1);
        Assert.True(await Within.Deadline(fifth));
    }

    [Fact]
    public async Task Bytes_count_and_one_alone_may_have_more()
    {
        var (first, second) = (new HandlerRoom.Guest(), new HandlerRoom.Guest());
        Assert.True(await Within.Deadline(Enter(first, 5000)));

        var waiting = Enter(second, 1);
        Assert.False(waiting.IsCompleted);
        _room.Leave(first, 5000);

        Assert.True(await Within.Deadline(waiting));
    }

    [Fact]
    public async Task Who_waits_is_sent_away_when_he_gives_up_and_when_the_room_is_closed()
    {
        var room = new HandlerRoom(1, 1000);
        var guest = new HandlerRoom.Guest();
        using var cancellation = new CancellationTokenSource();
        Assert.True(await room.EnterAsync(guest, 1, default));
        var impatient = room.EnterAsync(new HandlerRoom.Guest(), 1, cancellation.Token).AsTask();
        var patient = room.EnterAsync(new HandlerRoom.Guest(), 1, default).AsTask();

        await cancellation.CancelAsync();
        Assert.False(await Within.Deadline(impatient));
        Assert.False(patient.IsCompleted);
        room.Close();

        Assert.False(await Within.Deadline(patient));
        room.Leave(guest, 1);
        Assert.False(await room.EnterAsync(guest, 1, default));
    }

    private Task<bool> Enter(HandlerRoom.Guest guest, long bytes = 1) => _room.EnterAsync(guest, bytes, CancellationToken.None).AsTask();
}
