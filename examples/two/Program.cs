using Link;
using Link.Examples;

Console.WriteLine("Spawned test-two!");
await using var server = new Server("test-two", CommandLine.Read("test-two", args));
server.Error += (_, e) => Console.Error.WriteLine(e.Error.Message);
server.Started += (_, e) => Console.WriteLine($"Successfully started! {e.Reason}");
server.OnMessage(message =>
{
    Console.WriteLine($"Got {message.Payload} from {message.SentBy}");
    var data = new { response = $"{message.Data["content"]} world!" };
    Console.WriteLine($"Replying {data}");
    return message.ReplyAsync(data);
});
await server.StartAsync("Login!");

// Serves until Enter is pressed or the input ends.
Console.In.Read();
