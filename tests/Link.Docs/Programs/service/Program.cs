// docs: getting-started service
using System.Runtime.InteropServices;
using Link;

var stop = new TaskCompletionSource();
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true; // the program goes on, to its own end
    stop.TrySetResult();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

await using var server = new Server(args[0]);
server.OnMessage(message => message.ReplyAsync(new { greeting = $"Hello {message.Data["name"]}!" }));
await server.StartAsync();
Console.WriteLine($"{server.Name} listens. Press Ctrl-C to stop.");
await stop.Task;
// end
