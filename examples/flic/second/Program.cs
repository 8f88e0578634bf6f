using System.Globalization;
using Link.Flic;

// The second half of flic's first example: a node without a name that tells the other. The argument is the port.
await using var anonymous = new FlicNode(new FlicNodeOptions { Port = int.Parse(args[0], CultureInfo.InvariantCulture) });
await anonymous.ConnectAsync();
Console.WriteLine("somenode online!");
var answer = await anonymous.TellAsync("node1:event", "flic_is_easy");
Console.WriteLine(answer.As<string>(0));
