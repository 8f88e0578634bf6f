using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Link.Architecture.Metadata;

/// <summary>Collects the types of Link that signatures and handles lead to. What it gives to a signature decoder means nothing.</summary>
internal sealed class UsedTypes(MetadataReader metadata) : ISignatureTypeProvider<byte, object?>
{
    private readonly HashSet<(string Namespace, string Name)> _names = [];

    /// <summary>What was collected since <see cref="Begin"/>.</summary>
    public IReadOnlyCollection<(string Namespace, string Name)> Names => _names;

    /// <summary>Forgets what was collected.</summary>
    public void Begin() => _names.Clear();

    /// <summary>Adds the types behind a handle of any kind.</summary>
    public void Add(EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return;
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition or HandleKind.TypeReference:
                var name = NameOf(handle);
                if (name.Namespace.Split('.')[0] == "Link")
                {
                    _names.Add(name);
                }

                break;
            case HandleKind.TypeSpecification:
                metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                break;
            case HandleKind.MethodSpecification:
                var specification = metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                specification.DecodeSignature(this, null);
                Add(specification.Method);
                break;
            case HandleKind.MemberReference:
                AddMember(metadata.GetMemberReference((MemberReferenceHandle)handle));
                break;
            case HandleKind.MethodDefinition or HandleKind.FieldDefinition:
                Add(Owner(handle));
                break;
            case HandleKind.StandaloneSignature:
                metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(this, null);
                break;
        }
    }

    /// <summary>Adds the types of attributes.</summary>
    public void AddAttributes(CustomAttributeHandleCollection attributes)
    {
        foreach (var attribute in attributes)
        {
            Add(metadata.GetCustomAttribute(attribute).Constructor);
        }
    }

    /// <summary>Adds the types that type parameters are bound to.</summary>
    public void AddConstraints(GenericParameterHandleCollection parameters)
    {
        foreach (var constraint in parameters.SelectMany(parameter => metadata.GetGenericParameter(parameter).GetConstraints()))
        {
            Add(metadata.GetGenericParameterConstraint(constraint).Type);
        }
    }

    /// <summary>The type that declares a method or field.</summary>
    public EntityHandle Owner(EntityHandle member) => member.Kind switch
    {
        HandleKind.MemberReference => metadata.GetMemberReference((MemberReferenceHandle)member).Parent,
        HandleKind.MethodDefinition => metadata.GetMethodDefinition((MethodDefinitionHandle)member).GetDeclaringType(),
        HandleKind.FieldDefinition => metadata.GetFieldDefinition((FieldDefinitionHandle)member).GetDeclaringType(),
        _ => default,
    };

    /// <summary>The namespace and name of the outermost type around a type.</summary>
    public (string Namespace, string Name) NameOf(EntityHandle type)
    {
        if (type.Kind == HandleKind.TypeReference)
        {
            var reference = metadata.GetTypeReference((TypeReferenceHandle)type);
            return reference.ResolutionScope.Kind == HandleKind.TypeReference
                ? NameOf(reference.ResolutionScope)
                : (metadata.GetString(reference.Namespace), metadata.GetString(reference.Name));
        }

        if (type.Kind != HandleKind.TypeDefinition)
        {
            return ("", "");
        }

        var definition = metadata.GetTypeDefinition((TypeDefinitionHandle)type);
        return definition.GetDeclaringType() is { IsNil: false } outer
            ? NameOf(outer)
            : (metadata.GetString(definition.Namespace), metadata.GetString(definition.Name));
    }

    public byte GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Collect(handle);

    public byte GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Collect(handle);

    public byte GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        Collect(handle);

    public byte GetArrayType(byte elementType, ArrayShape shape) => 0;

    public byte GetByReferenceType(byte elementType) => 0;

    public byte GetFunctionPointerType(MethodSignature<byte> signature) => 0;

    public byte GetGenericInstantiation(byte genericType, ImmutableArray<byte> typeArguments) => 0;

    public byte GetGenericMethodParameter(object? genericContext, int index) => 0;

    public byte GetGenericTypeParameter(object? genericContext, int index) => 0;

    public byte GetModifiedType(byte modifier, byte unmodifiedType, bool isRequired) => 0;

    public byte GetPinnedType(byte elementType) => 0;

    public byte GetPointerType(byte elementType) => 0;

    public byte GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;

    public byte GetSZArrayType(byte elementType) => 0;

    private void AddMember(MemberReference member)
    {
        Add(member.Parent);
        if (member.GetKind() == MemberReferenceKind.Method)
        {
            member.DecodeMethodSignature(this, null);
        }
        else
        {
            member.DecodeFieldSignature(this, null);
        }
    }

    private byte Collect(EntityHandle type)
    {
        Add(type);
        return 0;
    }
}
