using System.Globalization;
using Link.Abstractions;

namespace Link.Tests.Allocation;

/// <summary>
/// The processes of <see cref="AllocationTests"/>: in one of their own, nothing but the requests allocates. Arguments: the socket root, the name.
/// </summary>
internal static class AllocationProgram
{
    // Many at once, as when it matters; each measurement long enough for what is not per request to vanish in it.
    private const int Callers = 64;
    private const int EachWarm = 400;
    private const int EachMeasured = 400;

    /// <summary>Sends every request's data back until the end of the input.</summary>
    public static async Task AnswerAsync(string root, string name)
    {
        await using var server = new Server(name, Options(root));
        server.OnMessage(message => message.ReplyAsync(message.Payload));
        await server.StartAsync();
        Console.WriteLine("ready");
        await Console.In.ReadLineAsync();
    }

    /// <summary>For each line of input, the bytes allocated per request and so many more on purpose, in a line of output.</summary>
    public static async Task MeasureAsync(string root, string name)
    {
        await using var server = new Server("measuring", Options(root));
        await SendAsync(server, name, EachWarm, 0);
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var more = int.Parse(line, CultureInfo.InvariantCulture);
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await SendAsync(server, name, EachMeasured, more);
            var bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
            Console.WriteLine(((double)bytes / (Callers * EachMeasured)).ToString(CultureInfo.InvariantCulture));
        }
    }

    private static ServerOptions Options(string root) => new() { SocketRoot = root };

    private static Task SendAsync(Server server, string name, int each, int more)
    {
        var data = Payload.FromJson($$"""{"content":"{{new string('x', 50)}}"}""");
        return Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            for (var count = 0; count < each; count++)
            {
                await server.SendAsync(name, data);
                if (more > 0)
                {
                    GC.KeepAlive(new byte[more]);
                }
            }
        }));
    }
}
