using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Link.Architecture.Metadata;

/// <summary>One line for each kind of member.</summary>
internal static class MemberLines
{
    public static string EnumMember(FieldInfo field) =>
        $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture)}";

    public static string Constructor(ConstructorInfo constructor) =>
        $"{Modifiers(constructor)}{constructor.DeclaringType!.Name.Split('`')[0]}({Parameters(constructor)})";

    public static string Method(MethodInfo method)
    {
        var generics = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";
        var constraints = string.Concat(method.GetGenericArguments().Select(Constraints));
        return $"{Modifiers(method)}{Returned(method)} {method.Name}{generics}({Parameters(method)}){constraints}";
    }

    public static string Property(PropertyInfo property, Func<MethodBase, bool> isVisible)
    {
        var get = property.GetMethod is { } getter && isVisible(getter) ? " get;" : "";
        var set = property.SetMethod is { } setter && isVisible(setter) ? IsInit(setter) ? " init;" : " set;" : "";
        var accessor = property.GetAccessors(nonPublic: true).First(isVisible);
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var indices = property.GetIndexParameters();
        var name = indices.Length == 0 ? property.Name : $"this[{string.Join(", ", indices.Select(Parameter))}]";
        var type = TypeNames.Of(property.PropertyType, new NullabilityInfoContext().Create(property));
        return $"{Modifiers(accessor)}{required}{type} {name} {{{get}{set} }}";
    }

    public static string Event(EventInfo declared) =>
        $"{Modifiers(declared.AddMethod!)}event {TypeNames.Of(declared.EventHandlerType!, new NullabilityInfoContext().Create(declared))} {declared.Name}";

    public static string Field(FieldInfo field)
    {
        var kind = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
        var value = field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : "";
        return $"{(field.IsPublic ? "" : "protected ")}{kind}{TypeNames.Of(field.FieldType, new NullabilityInfoContext().Create(field))} {field.Name}{value}";
    }

    private static string Modifiers(MethodBase method)
    {
        var access = method.IsPublic ? "" : "protected ";
        if (method is not MethodInfo info || method.DeclaringType!.IsInterface)
        {
            return access + (method.IsStatic ? "static " : "");
        }

        var form = info switch
        {
            { IsStatic: true } => "static ",
            _ when info.GetBaseDefinition().DeclaringType != info.DeclaringType => info.IsFinal && !info.DeclaringType!.IsSealed ? "sealed override " : "override ",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
        return access + form;
    }

    private static string Returned(MethodInfo method)
    {
        var passed = method.ReturnType.IsByRef
            ? method.ReturnParameter.IsDefined(typeof(IsReadOnlyAttribute)) ? "ref readonly " : "ref "
            : "";
        return passed + TypeNames.Of(method.ReturnType, new NullabilityInfoContext().Create(method.ReturnParameter));
    }

    private static string Parameters(MethodBase method)
    {
        var receiver = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return receiver + string.Join(", ", method.GetParameters().Select(Parameter));
    }

    private static string Parameter(ParameterInfo parameter)
    {
        var passed = parameter switch
        {
            { IsOut: true } => "out ",
            { ParameterType.IsByRef: true, IsIn: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ when parameter.IsDefined(typeof(ParamArrayAttribute)) => "params ",
            _ => "",
        };
        var value = parameter.HasDefaultValue ? $" = {Literal(parameter.RawDefaultValue)}" : "";
        return $"{passed}{TypeNames.Of(parameter.ParameterType, new NullabilityInfoContext().Create(parameter))} {parameter.Name}{value}";
    }

    private static string Constraints(Type parameter)
    {
        var attributes = parameter.GenericParameterAttributes;
        List<string> demands = [];
        if (attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
        {
            demands.Add("struct");
        }
        else
        {
            if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            {
                demands.Add("class");
            }

            demands.AddRange(parameter.GetGenericParameterConstraints().Select(type => TypeNames.Of(type)));
            if (attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
            {
                demands.Add("new()");
            }
        }

        return demands.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", demands)}";
    }

    private static bool IsInit(MethodInfo setter) => setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string Literal(object? value) => value switch
    {
        // A value type's default, such as that of a CancellationToken, is stored as nothing too.
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
