namespace Link.Interop.Harness;

// Tests of one collection run one after the other. Each has at most one Node process, with flic two: four processes at most.

/// <summary>One half of the tests that run Node.</summary>
[CollectionDefinition(Name)]
public sealed class FirstNode : ICollectionFixture<NodeModules>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "First Node";
}

/// <summary>The other half of the tests that run Node.</summary>
[CollectionDefinition(Name)]
public sealed class SecondNode : ICollectionFixture<NodeModules>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Second Node";
}

/// <summary>The tests with flic.</summary>
[CollectionDefinition(Name)]
public sealed class FlicNodes : ICollectionFixture<NodeModules>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Flic Nodes";
}
