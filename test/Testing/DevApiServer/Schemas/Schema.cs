using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Schemas;

/// <summary>A structural schema (openAPIV3Schema of a CustomResourceDefinition), parsed once.</summary>
internal sealed record Schema
{
    /// <summary>No schema: everything is kept and nothing is checked (built-in types).</summary>
    public static Schema Anything { get; } = new() { PreserveUnknownFields = true };

    public string? Type { get; init; }
    public string? Format { get; init; }
    public ImmutableDictionary<string, Schema> Properties { get; init; } = ImmutableDictionary<string, Schema>.Empty;
    public Schema? AdditionalProperties { get; init; }
    public Schema? Items { get; init; }
    public ImmutableArray<string> Required { get; init; } = [];
    public string? Pattern { get; init; }
    public Regex? CompiledPattern { get; init; }
    public JsonArray? Enum { get; init; }
    public double? Minimum { get; init; }
    public double? Maximum { get; init; }
    public bool ExclusiveMinimum { get; init; }
    public bool ExclusiveMaximum { get; init; }
    public double? MultipleOf { get; init; }
    public long? MinLength { get; init; }
    public long? MaxLength { get; init; }
    public long? MinItems { get; init; }
    public long? MaxItems { get; init; }
    public long? MinProperties { get; init; }
    public long? MaxProperties { get; init; }
    public ImmutableArray<Schema> AnyOf { get; init; } = [];
    public ImmutableArray<Schema> OneOf { get; init; } = [];
    public ImmutableArray<Schema> AllOf { get; init; } = [];
    public Schema? Not { get; init; }
    public bool Nullable { get; init; }
    public bool HasDefault { get; init; }
    public JsonNode? Default { get; init; }
    public bool PreserveUnknownFields { get; init; }
    public bool IntOrString { get; init; }
    public bool EmbeddedResource { get; init; }
    public string? ListType { get; init; }
    public ImmutableArray<string> ListMapKeys { get; init; } = [];
    public string? MapType { get; init; }

    /// <summary>Messages of rules that read exactly <c>self == oldSelf</c>: the only CEL this server understands.</summary>
    public ImmutableArray<string> ImmutabilityMessages { get; init; } = [];

    /// <summary>Whether CEL rules stand here or below.</summary>
    public bool HasRules { get; init; }

    public Schema? Property(string name) => Properties.GetValueOrDefault(name) ?? AdditionalProperties;

    public static Schema Parse(JsonObject source) => new()
    {
        Type = source.Text("type"),
        Format = source.Text("format"),
        Properties = source.Object("properties") is { } properties
            ? properties.Where(p => p.Value is JsonObject).ToImmutableDictionary(p => p.Key, p => Parse((JsonObject)p.Value!))
            : ImmutableDictionary<string, Schema>.Empty,
        AdditionalProperties = source["additionalProperties"] switch
        {
            JsonObject schema => Parse(schema),
            JsonValue value when value.Boolean() == true => Anything,
            _ => null,
        },
        Items = source.Object("items") is { } items ? Parse(items) : null,
        Required = [.. source.Array("required").Texts()],
        Pattern = source.Text("pattern"),
        CompiledPattern = source.Text("pattern") is { } pattern ? Compile(pattern) : null,
        Enum = source.Array("enum"),
        Minimum = Number(source["minimum"]),
        Maximum = Number(source["maximum"]),
        ExclusiveMinimum = source["exclusiveMinimum"].Boolean() == true,
        ExclusiveMaximum = source["exclusiveMaximum"].Boolean() == true,
        MultipleOf = Number(source["multipleOf"]),
        MinLength = source["minLength"].Integer(),
        MaxLength = source["maxLength"].Integer(),
        MinItems = source["minItems"].Integer(),
        MaxItems = source["maxItems"].Integer(),
        MinProperties = source["minProperties"].Integer(),
        MaxProperties = source["maxProperties"].Integer(),
        AnyOf = Branches(source, "anyOf"),
        OneOf = Branches(source, "oneOf"),
        AllOf = Branches(source, "allOf"),
        Not = source.Object("not") is { } not ? Parse(not) : null,
        Nullable = source["nullable"].Boolean() == true,
        HasDefault = source.ContainsKey("default"),
        Default = source["default"],
        PreserveUnknownFields = source["x-kubernetes-preserve-unknown-fields"].Boolean() == true,
        IntOrString = source["x-kubernetes-int-or-string"].Boolean() == true,
        EmbeddedResource = source["x-kubernetes-embedded-resource"].Boolean() == true,
        ListType = source.Text("x-kubernetes-list-type"),
        ListMapKeys = [.. source.Array("x-kubernetes-list-map-keys").Texts()],
        MapType = source.Text("x-kubernetes-map-type"),
        ImmutabilityMessages = Immutability(source),
        HasRules = ContainsRules(source),
    };

    /// <summary>Go's <c>$</c> is the end of the text, .NET's also stands before a final line feed; both refuse lookarounds here.</summary>
    /// <exception cref="ArgumentException">The pattern is not a regular expression of the RE2 kind.</exception>
    private static Regex Compile(string pattern)
    {
        var translated = pattern.EndsWith('$') && !pattern.EndsWith("\\$", StringComparison.Ordinal) ? pattern[..^1] + "\\z" : pattern;
        return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    private static ImmutableArray<Schema> Branches(JsonObject source, string keyword) =>
        source.Array(keyword) is { } branches ? [.. branches.OfType<JsonObject>().Select(Parse)] : [];

    private static ImmutableArray<string> Immutability(JsonObject source) =>
        source.Array("x-kubernetes-validations") is not { } rules ? [] :
        [
            .. rules.OfType<JsonObject>()
                .Where(rule => rule.Text("rule")?.Replace(" ", "", StringComparison.Ordinal) == "self==oldSelf")
                .Select(rule => rule.Text("message") ?? "failed rule: self == oldSelf"),
        ];

    private static bool ContainsRules(JsonNode? node) => node switch
    {
        JsonObject item => item.ContainsKey("x-kubernetes-validations") || item.Any(p => ContainsRules(p.Value)),
        JsonArray list => list.Any(ContainsRules),
        _ => false,
    };

    private static double? Number(JsonNode? node) => node switch
    {
        JsonValue value when value.TryGetValue<long>(out var integer) => integer,
        JsonValue value when value.TryGetValue<double>(out var number) => number,
        _ => null,
    };
}
