using Link.Flic;
using Link.Testing;

namespace Link.Docs.Examples;

/// <summary>The examples of from-flic.md.</summary>
public class FromFlicExamples
{
    [Fact]
    public async Task The_halves_of_the_example_meet()
    {
        var port = FreePorts.Next();

        // docs: from-flic first
        await using var bridge = new FlicBridge(new FlicBridgeOptions { Port = port });
        await bridge.StartAsync();

        await using var node1 = new FlicNode(new FlicNodeOptions { Port = port }, "node1");
        node1.On("event", message =>
        {
            Console.WriteLine(message.Arguments.As<string>(0)); // -> flic_is_easy
            return message.AcknowledgeAsync(null, "ilovenodejs");
        });
        await node1.ConnectAsync();
        Console.WriteLine("node1 online!");
        // end

        // docs: from-flic second
        await using var anonymous = new FlicNode(new FlicNodeOptions { Port = port });
        await anonymous.ConnectAsync();
        FlicArguments answer = await anonymous.TellAsync("node1:event", "flic_is_easy");
        Console.WriteLine(answer.As<string>(0)); // -> ilovenodejs
        // end

        Assert.Equal("ilovenodejs", answer.As<string>(0));
    }
}
