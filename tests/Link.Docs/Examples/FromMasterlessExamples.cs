using Link.Masterless;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The example of from-masterless.md.</summary>
public class FromMasterlessExamples
{
    [Fact]
    public Task The_counter_counts_on() => Within.Deadline(CountAsync());

    private static async Task CountAsync()
    {
        // docs: from-masterless counter
        await using var left = new MeshNode("e4663c9c3f9a89112afc48389a951e09");
        await using var right = new MeshNode("b073a8ee09e1daca57e9d54a5efe5684");
        var counted = new TaskCompletionSource();

        left.Listening += (_, e) => right.ConnectAsync(e.Info);
        right.Connected += (_, e) => right.SendAsync(e.Id, new { type = "counter", total = 0 });
        left.OnMessage(message => CountAsync(message));
        right.OnMessage(message => CountAsync(message));

        await right.StartAsync();
        await left.StartAsync();
        await counted.Task;

        Task CountAsync(MeshMessage message)
        {
            var total = (int)message.Data["total"]!;
            if (total % 100 == 0)
            {
                Console.WriteLine($"counter at {total}");
            }

            if (total >= 1000)
            {
                counted.TrySetResult();
            }

            return message.ReplyAsync(new { type = "counter", total = total + 1 });
        }
        // end
    }
}
