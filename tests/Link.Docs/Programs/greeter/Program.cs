// docs: getting-started greeter
using Link;

await using var server = new Server(args[0]);
server.OnMessage(message => message.ReplyAsync(new { greeting = $"Hello {message.Data["name"]}!" }));
await server.StartAsync();
Console.WriteLine($"{server.Name} listens. Press Enter to stop.");
Console.ReadLine();
// end
