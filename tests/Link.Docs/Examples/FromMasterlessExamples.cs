using Link.Masterless;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The example of from-masterless.md.</summary>
public class FromMasterlessExamples
{
    [Fact]
    public async Task The_counter_counts_on()
    {
        var reached = new TaskCompletionSource();

        // docs: from-masterless counter
        await using var left = new MeshNode("e4663c9c3f9a89112afc48389a951e09");
        await using var right = new MeshNode("b073a8ee09e1daca57e9d54a5efe5684");

        left.Listening += (_, e) => right.ConnectAsync(e.Info);
        right.Connected += (_, e) => right.SendAsync(e.Id, new { type = "counter", total = 0 });
        left.OnMessage(message => CountAsync(message));
        right.OnMessage(message => CountAsync(message));

        await right.StartAsync();
        await left.StartAsync();

        Task CountAsync(MeshMessage message)
        {
            var total = (int)message.Data["total"]!;
            if (total % 100 == 0)
            {
                Console.WriteLine($"counter at {total}");
            }

            return message.ReplyAsync(new { type = "counter", total = total + 1 });
        }
        // end

        await using var third = new MeshNode("third");
        third.OnMessage(message => reached.TrySetResult());
        await third.StartAsync();
        await third.SendAsync(await Within.Deadline(third.ConnectAsync(left.Info!)), new { type = "counter", total = 1000 });
        await Within.Deadline(reached.Task);
    }
}
