using Link;

Console.WriteLine("Spawned test-two!");
await using var server = new Server("test-two");
server.Error += (_, e) => Console.Error.WriteLine(e.Error.Message);
server.Started += (_, e) => Console.WriteLine($"Successfully started! {e.Reason}");
server.OnMessage(message =>
{
    Console.WriteLine($"Got {message.Payload} from {message.SentBy}");
    return message.ReplyAsync(new { response = $"{message.Data["content"]} world!" });
});
await server.StartAsync("Login!");
Console.In.Read();
