using Link;
using Link.Examples;

Console.WriteLine("Spawned test-one!");
var options = CommandLine.Read("test-one", args) with { WaitForPeer = TimeSpan.FromSeconds(30) };
await using var server = new Server("test-one", options);
server.Error += (_, e) => Console.Error.WriteLine(e.Error.Message);
server.Started += (_, e) => Console.WriteLine($"Successfully started! {e.Reason}");
await server.StartAsync("Login!");
var data = new { content = "Hello" };
Console.WriteLine($"Sending {data}");
Reply reply = await server.SendAsync("test-two", data);
Console.WriteLine($"Got {reply}");
