using System.Globalization;
using Link.Flic;

// The first half of flic's first example: a bridge, and a node that is told. The argument is the port.
var port = int.Parse(args[0], CultureInfo.InvariantCulture);
await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = port });
await bridge.StartAsync();

await using var node1 = new FlicNode(new FlicNodeOptions { Port = port }, "node1");
node1.On("event", message =>
{
    Console.WriteLine(message.Arguments.As<string>(0));
    return message.AcknowledgeAsync(null, "ilovenodejs");
});
await node1.ConnectAsync();
Console.WriteLine("node1 online!");

// Serves until Enter is pressed or the input ends.
Console.In.Read();
