namespace Link.Interop.Harness;

/// <summary>The tests with masterless, and with its twin that speaks MessagePack.</summary>
[CollectionDefinition(Name)]
public sealed class MeshNodes : ICollectionFixture<NodeModules>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Mesh Nodes";
}

/// <summary>Those of them that take long.</summary>
[CollectionDefinition(Name)]
public sealed class LongMeshNodes : ICollectionFixture<NodeModules>
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Long Mesh Nodes";
}
