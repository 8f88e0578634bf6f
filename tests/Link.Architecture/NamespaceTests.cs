using Link.Architecture.Metadata;

namespace Link.Architecture;

/// <summary>Namespaces form layers: two that know each other, even by way of others, are one with two names.</summary>
public sealed class NamespaceTests
{
    // Sources of src/Shared, which several assemblies compile for themselves: internal in each.
    private static readonly string[] SharedSources = ["Link.Handlers", "Link.Logging"];

    [Fact]
    public void No_namespace_leads_back_to_itself()
    {
        var uses = Repository.Assemblies.SelectMany(Read).ToList();
        var graph = uses.GroupBy(use => use.Home).ToDictionary(group => group.Key, group => group.Select(use => use.Namespace).ToHashSet());

        var cycles = graph.Keys.Order(StringComparer.Ordinal).Select(start => FindWay(graph, start, start)).OfType<string[]>().ToList();

        Assert.True(cycles.Count == 0, string.Join(Environment.NewLine, cycles.SelectMany(way => Explain(way, uses))));
    }

    [Fact]
    public void The_uses_of_declarations_and_of_method_bodies_are_seen()
    {
        var uses = Read("Link.NodeIpc");

        Assert.Contains(uses, use => use is { Type: "Link.NodeIpc.NodeIpcTransport", Namespace: "Link.Abstractions", Used: "ITransport" });
        Assert.Contains(uses, use => use is { Type: "Link.NodeIpc.NodeIpcTransport", Namespace: "Link.Streams.Endpoints" });
    }

    [Fact]
    public void A_way_back_over_others_is_found()
    {
        var graph = new Dictionary<string, HashSet<string>> { ["A"] = ["A", "B"], ["B"] = ["C", "D"], ["C"] = ["A"] };

        Assert.Equal(["A", "B", "C", "A"], FindWay(graph, "A", "A") ?? []);
        Assert.Null(FindWay(graph, "D", "D"));
    }

    [Fact]
    public void An_assembly_declares_only_namespaces_that_begin_with_its_name()
    {
        var strangers =
            from assembly in Repository.Assemblies
            from use in Read(assembly)
            where use.Home != assembly && !use.Home.StartsWith(assembly + ".", StringComparison.Ordinal)
            where use.Home.StartsWith("Link", StringComparison.Ordinal) && !SharedSources.Contains(use.Home)
            select $"{use.Type} in {assembly}";

        Assert.Empty(strangers.Distinct());
    }

    private static IReadOnlyCollection<NamespaceUse> Read(string assembly)
    {
        using var code = new CompiledCode(Repository.BinaryOf(assembly));
        return code.Uses;
    }

    /// <summary>The shortest way from a namespace to another over at least one use, or null.</summary>
    private static string[]? FindWay(Dictionary<string, HashSet<string>> graph, string from, string to)
    {
        var ways = new Queue<string[]>([[from]]);
        var seen = new HashSet<string>();
        while (ways.TryDequeue(out var way))
        {
            foreach (var next in graph.GetValueOrDefault(way[^1], []).Where(next => next != way[^1]))
            {
                if (next == to)
                {
                    return [.. way, next];
                }

                if (seen.Add(next))
                {
                    ways.Enqueue([.. way, next]);
                }
            }
        }

        return null;
    }

    private static IEnumerable<string> Explain(string[] way, List<NamespaceUse> uses)
    {
        yield return string.Join(" -> ", way);
        foreach (var (home, next) in way.Zip(way.Skip(1)))
        {
            foreach (var use in uses.Where(use => use.Home == home && use.Namespace == next).Take(5))
            {
                yield return $"    {use.Type} uses {use.Namespace}.{use.Used}";
            }
        }
    }
}
