// docs: getting-started caller
using Link;

await using var server = new Server("caller");
Reply reply = await server.SendAsync(args[0], new { name = "World" });
Console.WriteLine(reply["greeting"]);
Console.WriteLine(reply);
// end
