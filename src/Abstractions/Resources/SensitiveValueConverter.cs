using System.Text.Json;
using System.Text.Json.Serialization;

namespace NangoOrleans.Resources;

/// <summary>Reads the three forms of a sensitive value and never throws for another one; writing is refused.</summary>
public sealed class SensitiveValueConverter : JsonConverter<SensitiveValue>
{
    private const string Forms = "write a string, {value: …} or {secretKeyRef: {name: …, key: …}}";

    /// <inheritdoc/>
    public override SensitiveValue? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return Parse(document.RootElement);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: the operator never writes a spec back.</exception>
    public override void Write(Utf8JsonWriter writer, SensitiveValue value, JsonSerializerOptions options) =>
        throw new NotSupportedException("Sensitive values are never written.");

    private static SensitiveValue? Parse(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => SensitiveValue.FromLiteral(element.GetString()!),
        JsonValueKind.Object => ParseObject(element),
        var kind => SensitiveValue.Malformed($"is a JSON {Name(kind)}: {Forms}"),
    };

    private static SensitiveValue? ParseObject(JsonElement element)
    {
        var hasValue = element.TryGetProperty("value", out var value) && value.ValueKind != JsonValueKind.Null;
        var hasReference = element.TryGetProperty("secretKeyRef", out var reference) && reference.ValueKind != JsonValueKind.Null;
        return (hasValue, hasReference) switch
        {
            (true, true) => SensitiveValue.Malformed("has both value and secretKeyRef: keep one of them"),
            (false, false) => SensitiveValue.Malformed($"has neither value nor secretKeyRef: {Forms}"),
            (true, _) when value.ValueKind == JsonValueKind.String => SensitiveValue.FromLiteral(value.GetString()!),
            (true, _) => SensitiveValue.Malformed($"has a value that is a JSON {Name(value.ValueKind)}: quote it to make it a string"),
            _ => ParseReference(reference),
        };
    }

    private static SensitiveValue ParseReference(JsonElement reference)
    {
        if (reference.ValueKind != JsonValueKind.Object)
            return SensitiveValue.Malformed("has a secretKeyRef that is not an object: give it a name and a key");
        var name = Text(reference, "name");
        var key = Text(reference, "key");
        if (string.IsNullOrEmpty(name)) return SensitiveValue.Malformed("has a secretKeyRef without a name: name the Secret");
        if (string.IsNullOrEmpty(key)) return SensitiveValue.Malformed("has a secretKeyRef without a key: name the key within the Secret");
        bool? optional = null;
        if (reference.TryGetProperty("optional", out var flag) && flag.ValueKind != JsonValueKind.Null)
        {
            if (flag.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                return SensitiveValue.Malformed("has a secretKeyRef whose optional is not true or false");
            optional = flag.GetBoolean();
        }

        return SensitiveValue.FromSecret(new SecretKeySelector { Name = name, Key = key, Optional = optional });
    }

    private static string? Text(JsonElement element, string property) =>
        element.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => "number",
        JsonValueKind.Array => "list",
        JsonValueKind.Object => "object",
        _ => "value",
    };
}
