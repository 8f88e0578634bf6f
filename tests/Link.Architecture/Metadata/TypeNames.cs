using System.Reflection;

namespace Link.Architecture.Metadata;

/// <summary>Types as C# writes them, with full names and with the marks of nullable references.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(char)] = "char",
        [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double",
        [typeof(decimal)] = "decimal", [typeof(nint)] = "nint", [typeof(nuint)] = "nuint",
    };

    /// <summary>The name of a type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="nullability">What is known of its references, or null.</param>
    public static string Of(Type type, NullabilityInfo? nullability = null)
    {
        if (type.IsByRef)
        {
            return Of(type.GetElementType()!, nullability);
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            // The annotations of Nullable<T> are those of T.
            return Of(value, nullability?.GenericTypeArguments is [var inner] ? inner : null) + "?";
        }

        var mark = !type.IsValueType && nullability?.ReadState == NullabilityState.Nullable ? "?" : "";
        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        if (type.IsPointer)
        {
            return Of(type.GetElementType()!) + "*";
        }

        return (Keywords.TryGetValue(type, out var keyword) ? keyword : type.IsGenericParameter ? type.Name : Full(type, nullability)) + mark;
    }

    private static string Full(Type type, NullabilityInfo? nullability)
    {
        var arguments = type.GetGenericArguments();
        var inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var outer = type.DeclaringType is { } declaring
            ? Full(inherited > 0 && !type.IsGenericTypeDefinition ? declaring.MakeGenericType(arguments[..inherited]) : declaring, null)
            : type.Namespace;
        var name = (outer is null ? "" : outer + ".") + type.Name.Split('`')[0];
        if (arguments.Length == inherited)
        {
            return name;
        }

        var marks = nullability?.GenericTypeArguments ?? [];
        var own = arguments.Select((argument, index) => Of(argument, index < marks.Length ? marks[index] : null)).Skip(inherited);
        return $"{name}<{string.Join(", ", own)}>";
    }
}
