using System.ComponentModel;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes.Crds;

/// <summary>Turns a resource type into a structural OpenAPI v3 schema: names from JSON, texts from descriptions, the rest from <see cref="SchemaAttribute"/>.</summary>
internal static class SchemaGenerator
{
    /// <summary>Schema of a record: an object with all properties that have a JSON name.</summary>
    /// <param name="type">A resource type of Abstractions.</param>
    public static JsonObject Object(Type type)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetCustomAttribute<JsonPropertyNameAttribute>() is not null)
            .ToArray();
        var required = properties.Where(property => Rules(property).Required).Select(property => (JsonNode)Name(property)).ToArray();
        var schema = new JsonObject { ["type"] = "object" };
        if (required.Length > 0) schema["required"] = new JsonArray(required);
        schema["properties"] = new JsonObject(properties.Select(property => KeyValuePair.Create<string, JsonNode?>(Name(property), Property(property))));
        return schema;
    }

    /// <summary>Schema of one property, description included.</summary>
    /// <param name="type">A resource type of Abstractions.</param>
    /// <param name="name">Name of the property in C#.</param>
    public static JsonObject Property(Type type, string name) => Property(type.GetProperty(name)!);

    private static JsonObject Property(PropertyInfo property)
    {
        var description = property.GetCustomAttribute<DescriptionAttribute>()?.Description
            ?? throw new InvalidOperationException($"{property.DeclaringType}.{property.Name} has no description for kubectl explain.");
        var schema = new JsonObject { ["description"] = description };
        foreach (var (keyword, value) in OfType(property.PropertyType).ToArray()) schema[keyword] = value?.DeepClone();
        AddRules(schema, property);
        return schema;
    }

    private static JsonObject OfType(Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(string)) return Scalar("string");
        if (type == typeof(bool)) return Scalar("boolean");
        if (type == typeof(int)) return Scalar("integer", "int32");
        if (type == typeof(long)) return Scalar("integer", "int64");
        if (type == typeof(DateTimeOffset)) return Scalar("string", "date-time");
        if (type.IsEnum) return new() { ["type"] = "string", ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(name => (JsonNode)name)]) };

        // A string or one of two objects: OpenAPI in CRDs has no word for it, so the operator checks the form.
        if (type == typeof(SensitiveValue)) return new() { ["x-kubernetes-preserve-unknown-fields"] = true };
        if (type == typeof(IReadOnlyDictionary<string, string>)) return new() { ["type"] = "object", ["additionalProperties"] = Scalar("string") };
        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
            ? new() { ["type"] = "array", ["items"] = OfType(type.GenericTypeArguments[0]) }
            : Object(type);
    }

    private static JsonObject Scalar(string type, string? format = null) =>
        format is null ? new() { ["type"] = type } : new() { ["type"] = type, ["format"] = format };

    private static void AddRules(JsonObject schema, PropertyInfo property)
    {
        var rules = Rules(property);
        if (rules.Values.Length > 0) schema["enum"] = new JsonArray([.. rules.Values.Select(value => (JsonNode)value)]);
        if (rules.Pattern is { } pattern) schema["pattern"] = pattern;
        if (rules.MinLength > 0) schema["minLength"] = rules.MinLength;
        if (rules.MaxLength > 0) schema["maxLength"] = rules.MaxLength;
        if (rules.Maximum > 0) (schema["minimum"], schema["maximum"]) = (rules.Minimum, rules.Maximum);
        if (rules.ListMapKey is { } key)
        {
            schema["x-kubernetes-list-type"] = "map";
            schema["x-kubernetes-list-map-keys"] = new JsonArray(key);
        }

        if (!rules.Immutable) return;
        var message = $"{Name(property)} cannot be changed: delete the resource and create it anew";
        schema["x-kubernetes-validations"] = new JsonArray(new JsonObject { ["rule"] = "self == oldSelf", ["message"] = message });
    }

    private static SchemaAttribute Rules(PropertyInfo property) => property.GetCustomAttribute<SchemaAttribute>() ?? new();

    private static string Name(PropertyInfo property) => property.GetCustomAttribute<JsonPropertyNameAttribute>()!.Name;
}
