using System.Globalization;
using System.Reflection;
using NangoOrleans.Testing;
using Orleans.Services;

namespace NangoOrleans.Abstractions.Tests.Wire;

/// <summary>One thing that two silos must agree on.</summary>
/// <param name="Key">What the wire knows it by.</param>
/// <param name="Meaning">What is sent under that key.</param>
/// <param name="Name">How the code calls it; the wire does not care.</param>
internal sealed record WireEntry(string Key, string Meaning, string Name)
{
    public override string ToString() => $"{Key} = {Meaning} ({Name})";

    public static WireEntry Parse(string line)
    {
        var (equals, name) = (line.IndexOf(" = ", StringComparison.Ordinal), line.LastIndexOf(" (", StringComparison.Ordinal));
        return new(line[..equals], line[(equals + 3)..name], line[(name + 2)..^1]);
    }
}

/// <summary>What silos of different versions say to each other during a rolling update, read from the assemblies.</summary>
internal static class WireContract
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static IReadOnlyList<Type> Types { get; } =
    [
        .. Directory.GetDirectories(RepositoryFiles.In("src")).Select(folder => Assembly.Load($"NangoOrleans.{Path.GetFileName(folder)}"))
            .SelectMany(assembly => assembly.GetTypes()).Where(type => !IsGenerated(type)).OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    public static IReadOnlyList<Type> Serialized { get; } = [.. Types.Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))];

    public static IReadOnlyList<Type> Interfaces { get; } = [.. Types.Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))];

    public static IReadOnlyList<Type> Grains { get; } = [.. Types.Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IGrainBase).IsAssignableFrom(type))];

    /// <summary>Everything, in a fixed order.</summary>
    public static IReadOnlyList<WireEntry> Read() =>
    [
        .. Grains.Select(GrainEntry),
        // Silos find each other's services by the name of the interface in the code, whatever its alias.
        .. Interfaces.Where(type => typeof(IGrainService).IsAssignableFrom(type)).Select(type => new WireEntry($"service {type.FullName}", NameOf(type), type.Name)),
        .. Interfaces.SelectMany(InterfaceEntries),
        .. Serialized.Where(type => !type.IsEnum).SelectMany(TypeEntries),
        .. Types.Where(type => type.IsEnum).Where(IsSent).SelectMany(EnumEntries),
    ];

    public static IEnumerable<MemberInfo> MembersOf(Type type) => type.GetProperties(Declared).Cast<MemberInfo>().Concat(type.GetFields(Declared));

    /// <summary>How the wire names a type.</summary>
    public static string NameOf(Type type)
    {
        if (type.GetCustomAttribute<AliasAttribute>(inherit: false) is { } alias) return alias.Alias;
        if (type.IsArray) return NameOf(type.GetElementType()!) + "[]";
        if (!type.IsGenericType) return type.Namespace == nameof(System) ? type.Name : type.FullName!;
        var name = type.GetGenericTypeDefinition().FullName!;
        return $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
    }

    private static WireEntry GrainEntry(Type grain) => new(
        $"grain {grain.GetCustomAttribute<GrainTypeAttribute>(inherit: false)?.GetGrainType(null!, grain).ToString() ?? grain.FullName}",
        string.Join(", ", grain.GetInterfaces().Where(Interfaces.Contains).Select(NameOf).Order(StringComparer.Ordinal)),
        grain.Name);

    private static IEnumerable<WireEntry> InterfaceEntries(Type type) => type.GetMethods().Select(method => new WireEntry(
        $"method {NameOf(type)} {MethodName(method)}",
        $"({string.Join(", ", method.GetParameters().Select(parameter => NameOf(parameter.ParameterType)))}) {NameOf(method.ReturnType)}",
        $"{type.Name}.{method.Name}")).OrderBy(entry => entry.Key, StringComparer.Ordinal);

    private static string MethodName(MethodInfo method) =>
        method.GetCustomAttribute<AliasAttribute>() is { } alias ? alias.Alias
        : method.GetCustomAttribute<IdAttribute>() is { } id ? id.Id.ToString(CultureInfo.InvariantCulture)
        : method.Name;

    private static IEnumerable<WireEntry> TypeEntries(Type type) =>
    [
        new($"type {NameOf(type)}", type.BaseType is { } above && Serialized.Contains(above) ? $"is a {NameOf(above)}" : "is whole", type.Name),
        .. MembersOf(type)
            .Select(member => (Member: member, member.GetCustomAttribute<IdAttribute>()?.Id))
            .Where(known => known.Id is not null)
            .OrderBy(known => known.Id)
            .Select(known => new WireEntry($"member {NameOf(type)} {known.Id}", NameOf(TypeOf(known.Member)), $"{type.Name}.{known.Member.Name}")),
    ];

    private static IEnumerable<WireEntry> EnumEntries(Type type) => Enum.GetValues(type).Cast<object>().Select(value => new WireEntry(
        $"value {NameOf(type)} {Convert.ToInt64(value, CultureInfo.InvariantCulture)}", Enum.GetUnderlyingType(type).Name, $"{type.Name}.{value}"));

    private static bool IsSent(Type type) => Serialized.Contains(type)
        || Serialized.SelectMany(MembersOf).Where(member => member.IsDefined(typeof(IdAttribute))).Any(member => Mentions(TypeOf(member), type))
        || Interfaces.SelectMany(one => one.GetMethods()).Any(method =>
            Mentions(method.ReturnType, type) || method.GetParameters().Any(parameter => Mentions(parameter.ParameterType, type)));

    private static bool Mentions(Type type, Type wanted) => type == wanted
        || (type.HasElementType && Mentions(type.GetElementType()!, wanted))
        || type.GetGenericArguments().Any(argument => Mentions(argument, wanted));

    private static Type TypeOf(MemberInfo member) => member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    private static bool IsGenerated(Type type) => type.FullName?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) != false;
}
