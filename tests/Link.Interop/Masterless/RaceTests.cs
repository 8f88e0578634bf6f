using System.Collections.Concurrent;
using Link.Interop.Harness;
using Link.Masterless;
using Link.Testing;
using Newtonsoft.Json.Linq;

namespace Link.Interop.Masterless;

/// <summary>A node of Link and one of masterless that connect with each other at the same moment, over and over.</summary>
[Collection(LongMeshNodes.Name)]
public sealed class RaceTests
{
    private const int Packets = 3;
    private static readonly string[] Phases = ["before", "connected", "after"];

    [Theory]
    [InlineData(MeshFormat.Json, 500)]
    [InlineData(MeshFormat.MessagePack, 250)]
    public async Task The_same_two_have_one_connection_each_time_and_lose_no_packet(MeshFormat format, int rounds)
    {
        await using var meeting = new MeshMeeting(format);
        var sharp = await AddSharpAsync(meeting, "sharp");
        var script = await meeting.AddScriptAsync(reaction: "gather");
        var won = 0;
        for (var round = 0; round < rounds; round++)
        {
            var (sharpKeeps, scriptKeeps) = (round % 3 != 1, round % 3 != 0);
            await script.KeepAsync("sharp", scriptKeeps);
            await sharp.Node.KeepAsync("script", sharpKeeps);

            won += await MeetAsync(sharp, script, sharpKeeps) ? 1 : 0;

            await PartAsync(sharp, script, sharpKeeps);
        }

        Assert.InRange(won, 1, rounds - 1);
    }

    [Theory]
    [InlineData(MeshFormat.Json, 500)]
    [InlineData(MeshFormat.MessagePack, 250)]
    public async Task New_ones_have_one_connection_each_time_and_lose_no_packet(MeshFormat format, int rounds)
    {
        await using var meeting = new MeshMeeting(format);
        var script = await meeting.AddScriptAsync("script 0", "gather");
        var won = 0;
        for (var round = 0; round < rounds; round++)
        {
            await using var sharp = await AddSharpAsync(meeting, $"sharp {round}");
            await script.RestartAsync($"script {round}");
            await sharp.Node.KeepAsync(script.Id, round % 2 == 0);

            won += await MeetAsync(sharp, script, keep: true) ? 1 : 0;

            await sharp.DisposeAsync();
            await script.CallAsync("socketsAre", 0);
        }

        Assert.InRange(won, 1, rounds - 1);
    }

    [Theory]
    [InlineData(MeshFormat.Json, 100)]
    [InlineData(MeshFormat.MessagePack, 50)]
    public async Task A_server_that_asks_while_JavaScript_connects_is_answered_each_time(MeshFormat format, int rounds)
    {
        await using var meeting = new MeshMeeting(format);
        var script = await meeting.AddScriptAsync(reaction: "answer");
        for (var round = 0; round < rounds; round++)
        {
            await using var transport = new MeshTransport(meeting.Options with { Peers = new Dictionary<string, string> { ["script"] = script.Info } });
            await using var server = new Server($"sharp {round}", new ServerOptions { AllowMultiple = true, Transport = transport });
            server.OnMessage(message => message.ReplyAsync(new { echo = message.Data }));
            await server.StartAsync();

            var theirs = script.ConnectAsync(transport.Info!);
            Thread.SpinWait(Random.Shared.Next(20_000));
            var ours = await Task.WhenAll(Enumerable.Range(0, 3).Select(n => server.SendAsync("script", new { n })));

            Assert.Equal([0, 1, 2], ours.Select(reply => (int)reply["echo"]!["n"]!));
            await theirs;
            await script.CallAsync("socketsAre", 1);
            Assert.Equal(3, (int)(await script.CallAsync("askMany", server.Name, 3))!);
            await server.DisposeAsync();
            await script.CallAsync("socketsAre", 0);
        }
    }

    private static Task<MeshSharp> AddSharpAsync(MeshMeeting meeting, string id) => MeshSharp.StartAsync(id, meeting.Options, sharp => message =>
    {
        sharp.Messages.Add($"{message.Data["phase"]} {message.Data["n"]}");
        return Task.CompletedTask;
    });

    // Gives whether the connection that is left was opened by JavaScript.
    private static async Task<bool> MeetAsync(MeshSharp sharp, MeshPeer script, bool keep)
    {
        var sends = new ConcurrentBag<Task>();
        EventHandler<MeshConnectedEventArgs> onConnected = (_, e) => sends.Add(SendAsync(sharp, e.Id, "connected"));
        sharp.Node.Connected += onConnected;

        Task<string> ours;
        Task<JToken?> theirs;
        if (sharp.Node.IsKept(script.Id) || !keep)
        {
            theirs = script.CallAsync("meet", sharp.Id, sharp.Info, Packets);
            // So long does it take for the command to get there: now one is first, now the other.
            Thread.SpinWait(Random.Shared.Next(20_000));
            ours = sharp.Node.ConnectAsync(script.Info, keep);
        }
        else
        {
            // A connection that JavaScript opens before anybody wants to keep it is closed.
            ours = sharp.Node.ConnectAsync(script.Info, keep);
            theirs = script.CallAsync("meet", sharp.Id, sharp.Info, Packets);
        }

        sends.Add(SendAsync(sharp, script.Id, "before"));

        Assert.Equal(script.Id, await Within.Deadline(ours));
        await SendAsync(sharp, script.Id, "after");
        var met = (await theirs)!;
        AssertAllOnce(await sharp.Messages.NextAsync(Phases.Length * Packets));
        AssertAllOnce(met["gathered"]!.ToObject<string[]>()!);
        await Within.Deadline(Task.WhenAll(sends));
        Assert.Equal(script.Id, (await sharp.Connected.NextAsync()).Id);
        Assert.Equal([script.Id], sharp.Node.Connections);
        Assert.Equal([sharp.Id], await script.ConnectionsAsync());
        Assert.Equal((0, 0), (sharp.Connected.Count, sharp.Disconnected.Count));
        sharp.Node.Connected -= onConnected;
        return (bool)met["won"]!;
    }

    private static async Task PartAsync(MeshSharp sharp, MeshPeer script, bool sharpKeeps)
    {
        if (sharpKeeps)
        {
            await script.KeepAsync("sharp", false);
            await sharp.Node.DisconnectAsync("script");
        }
        else
        {
            await script.DisconnectAsync("sharp");
        }

        Assert.Equal(("script", null), await sharp.Disconnected.NextAsync());
        await script.CallAsync("socketsAre", 0);
        Assert.Empty(sharp.Node.Connections);
        Assert.Empty(await script.ConnectionsAsync());
        Assert.Equal(0, sharp.Messages.Count);
    }

    private static async Task SendAsync(MeshSharp sharp, string id, string phase)
    {
        for (var n = 0; n < Packets; n++)
        {
            await Within.Until(async () => await sharp.Node.SendAsync(id, new { phase, n }));
        }
    }

    // In order, too, of those that one loop has sent.
    private static void AssertAllOnce(string[] packets)
    {
        foreach (var phase in Phases)
        {
            Assert.Equal(Enumerable.Range(0, Packets).Select(n => $"{phase} {n}"), packets.Where(packet => packet.StartsWith(phase, StringComparison.Ordinal)));
        }
    }
}
