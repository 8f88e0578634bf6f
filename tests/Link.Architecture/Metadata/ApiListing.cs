using System.Reflection;
using System.Runtime.CompilerServices;

namespace Link.Architecture.Metadata;

/// <summary>
/// What an assembly offers to others: every public type and member, one line each, in a stable order. What the compiler adds to records
/// on its own is left out.
/// </summary>
internal static class ApiListing
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The listing, with a line feed after every line.</summary>
    public static string Of(Assembly assembly)
    {
        var types = assembly.GetExportedTypes().OrderBy(type => TypeNames.Of(type), StringComparer.Ordinal);
        return string.Join('\n', types.Select(type => string.Concat(Lines(type).Select(line => line + "\n"))));
    }

    private static IEnumerable<string> Lines(Type type)
    {
        yield return Header(type);
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            yield return "    " + MemberLines.Method(type.GetMethod("Invoke")!);
            yield break;
        }

        IEnumerable<string> lines = type.IsEnum
            ? type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => MemberLines.EnumMember(field))
            : type.GetMembers(Declared)
                .Where(member => !IsGenerated(member))
                .Select(member => (member.Name, Line: Line(member)))
                .Where(member => member.Line is not null)
                .OrderBy(member => member.Name, StringComparer.Ordinal)
                .ThenBy(member => member.Line, StringComparer.Ordinal)
                .Select(member => member.Line!);
        foreach (var line in lines)
        {
            yield return "    " + line;
        }
    }

    private static string Header(Type type)
    {
        var isRecord = type.GetMethod("PrintMembers", Declared)?.IsDefined(typeof(CompilerGeneratedAttribute)) == true;
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "")
                + (isRecord ? "record struct" : "struct"),
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (isRecord ? "record" : "class"),
        };
        var parents = type.IsEnum || kind == "delegate" ? [] : Parents(type).Where(parent => !isRecord || !IsEquatable(parent)).ToList();
        return $"{kind} {TypeNames.Of(type)}{(parents.Count == 0 ? "" : " : " + string.Join(", ", parents.Select(parent => TypeNames.Of(parent))))}";
    }

    private static IEnumerable<Type> Parents(Type type)
    {
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            yield return parent;
        }

        var inherited = type.BaseType?.GetInterfaces() ?? [];
        foreach (var contract in type.GetInterfaces().Except(inherited).Where(contract => contract.IsVisible)
            .OrderBy(contract => TypeNames.Of(contract), StringComparer.Ordinal))
        {
            yield return contract;
        }
    }

    private static bool IsEquatable(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEquatable<>);

    private static bool IsGenerated(MemberInfo member) =>
        member is Type || member.IsDefined(typeof(CompilerGeneratedAttribute))
        || (member is PropertyInfo { Name: "EqualityContract" } property && property.GetMethod?.IsDefined(typeof(CompilerGeneratedAttribute)) == true);

    private static string? Line(MemberInfo member) => member switch
    {
        ConstructorInfo constructor when IsVisible(constructor) && !constructor.IsStatic => MemberLines.Constructor(constructor),
        MethodInfo method when IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            MemberLines.Method(method),
        PropertyInfo property when property.GetAccessors(nonPublic: true).Any(IsVisible) => MemberLines.Property(property, IsVisible),
        EventInfo declared when IsVisible(declared.AddMethod!) => MemberLines.Event(declared),
        FieldInfo { IsPublic: true } or FieldInfo { IsFamily: true } or FieldInfo { IsFamilyOrAssembly: true } => MemberLines.Field((FieldInfo)member),
        _ => null,
    };

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;
}
