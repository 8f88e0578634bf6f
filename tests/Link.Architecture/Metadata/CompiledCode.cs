using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Link.Architecture.Metadata;

/// <summary>One type and a namespace that its declaration or the body of one of its methods needs.</summary>
/// <param name="Type">The full name of the outermost type.</param>
/// <param name="Home">The namespace of that type.</param>
/// <param name="Namespace">The namespace it uses.</param>
/// <param name="Used">A type there.</param>
internal sealed record NamespaceUse(string Type, string Home, string Namespace, string Used);

/// <summary>What the types of a compiled assembly use, read from its tables, its signatures and its method bodies.</summary>
internal sealed class CompiledCode : IDisposable
{
    private readonly PEReader _file;
    private readonly MetadataReader _metadata;
    private readonly HashSet<NamespaceUse> _uses = [];
    private readonly UsedTypes _used;

    public CompiledCode(string path)
    {
        _file = new PEReader(File.OpenRead(path));
        _metadata = _file.GetMetadataReader();
        _used = new UsedTypes(_metadata);
        foreach (var handle in _metadata.TypeDefinitions)
        {
            ReadType(handle);
        }
    }

    /// <summary>Every use, of its own namespace as well.</summary>
    public IReadOnlyCollection<NamespaceUse> Uses => _uses;

    /// <summary>The assemblies that may see its internals.</summary>
    public IEnumerable<string> Friends =>
        from handle in _metadata.GetAssemblyDefinition().GetCustomAttributes()
        let attribute = _metadata.GetCustomAttribute(handle)
        where _used.NameOf(_used.Owner(attribute.Constructor)) == ("System.Runtime.CompilerServices", "InternalsVisibleToAttribute")
        let name = attribute.DecodeValue(new AttributeTypes()).FixedArguments[0].Value as string
        select name.Split(',')[0];

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void ReadType(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        _used.Begin();
        _used.Add(type.BaseType);
        _used.AddAttributes(type.GetCustomAttributes());
        _used.AddConstraints(type.GetGenericParameters());
        foreach (var implemented in type.GetInterfaceImplementations())
        {
            _used.Add(_metadata.GetInterfaceImplementation(implemented).Interface);
        }

        foreach (var field in type.GetFields().Select(_metadata.GetFieldDefinition))
        {
            field.DecodeSignature(_used, null);
            _used.AddAttributes(field.GetCustomAttributes());
        }

        foreach (var property in type.GetProperties().Select(_metadata.GetPropertyDefinition))
        {
            _used.AddAttributes(property.GetCustomAttributes());
        }

        foreach (var method in type.GetMethods().Select(_metadata.GetMethodDefinition))
        {
            ReadMethod(method);
        }

        var (home, name) = _used.NameOf(handle);
        foreach (var (used, usedName) in _used.Names)
        {
            _uses.Add(new NamespaceUse($"{home}.{name}", home, used, usedName));
        }
    }

    private void ReadMethod(MethodDefinition method)
    {
        method.DecodeSignature(_used, null);
        _used.AddAttributes(method.GetCustomAttributes());
        _used.AddConstraints(method.GetGenericParameters());
        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }

        var body = _file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_used, null);
        }

        foreach (var region in body.ExceptionRegions)
        {
            _used.Add(region.CatchType);
        }

        foreach (var token in Instructions.Tokens(body.GetILReader()))
        {
            _used.Add(MetadataTokens.EntityHandle(token));
        }
    }
}
