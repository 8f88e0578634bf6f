using Link;

Console.WriteLine("Spawned test-one!");
await using var server = new Server("test-one", new ServerOptions { WaitForPeer = TimeSpan.FromSeconds(30) });
server.Error += (_, e) => Console.Error.WriteLine(e.Error.Message);
server.Started += (_, e) => Console.WriteLine($"Successfully started! {e.Reason}");
await server.StartAsync("Login!");
Reply reply = await server.SendAsync("test-two", new { content = "Hello" });
Console.WriteLine($"Got {reply}");
