namespace Link.Tests.Masterless.Links;

/// <summary>Whatever arrives first: of all connections between two nodes exactly one is left, and both have the same.</summary>
public sealed class DeduplicationTests
{
    public static TheoryData<int[], bool, double[]> Worlds
    {
        get
        {
            var worlds = new TheoryData<int[], bool, double[]>();
            foreach (var priorities in new[] { new[] { 0.25, 0.75 }, [0.75, 0.25], [0.5, 0.5], [0.0, 0.0] })
            {
                worlds.Add([0, 1], false, priorities);
            }

            foreach (var priorities in new[] { new[] { 0.25, 0.75 }, [0.75, 0.25] })
            {
                worlds.Add([0, 1], true, priorities);
                worlds.Add([0, 0], true, priorities);
                worlds.Add([1, 1], true, priorities);
            }

            worlds.Add([0], false, [0.5, 0.5]);
            worlds.Add([0, 0], false, [0.5, 0.5]);
            return worlds;
        }
    }

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Two_connections_leave_one_in_every_order_of_arrival(int[] dialledBy, bool isOriginal, double[] priorities)
    {
        var orders = 0;
        var path = new List<int>();
        do
        {
            var world = new ModelWorld(dialledBy, isOriginal, priorities);
            for (var step = 0; world.Choices is { Count: > 0 } choices; step++)
            {
                if (step == path.Count)
                {
                    path.Add(0);
                }

                world.Deliver(choices[path[step]]);
            }

            AssertOne(world, $"order {string.Join(',', path)}");
            orders++;
        }
        while (Advance(path, dialledBy, isOriginal, priorities));

        Assert.True(dialledBy.Length == 1 || orders > 10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Six_connections_leave_one_in_ten_thousand_orders_of_arrival(bool isOriginal)
    {
        for (var seed = 0; seed < 10_000; seed++)
        {
            var random = new Random(seed);
            var dialledBy = Enumerable.Range(0, 6).Select(_ => random.Next(2)).ToArray();
            var world = new ModelWorld(dialledBy, isOriginal, [random.NextDouble(), random.NextDouble()]);
            while (world.Choices is { Count: > 0 } choices)
            {
                world.Deliver(choices[random.Next(choices.Count)]);
            }

            AssertOne(world, $"seed {seed}");
        }
    }

    private static void AssertOne(ModelWorld world, string order)
    {
        var (zero, one) = world.Chosen;
        Assert.True(zero.Length == 1 && one.SequenceEqual(zero), $"{order}: {string.Join(',', zero)} and {string.Join(',', one)}");
    }

    /// <summary>The next order: the last step at which another choice is left. False when there is none.</summary>
    private static bool Advance(List<int> path, int[] dialledBy, bool isOriginal, double[] priorities)
    {
        var counts = new List<int>();
        var world = new ModelWorld(dialledBy, isOriginal, priorities);
        foreach (var choice in path)
        {
            var choices = world.Choices;
            counts.Add(choices.Count);
            world.Deliver(choices[choice]);
        }

        for (var step = path.Count - 1; step >= 0; step--)
        {
            if (path[step] + 1 < counts[step])
            {
                path[step]++;
                path.RemoveRange(step + 1, path.Count - step - 1);
                return true;
            }
        }

        return false;
    }
}
