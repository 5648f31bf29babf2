using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace NangoOrleans.Kubernetes.Crds;

/// <summary>Writes a JSON tree as YAML in the way people write manifests: block style, quotes only where needed, keys in the given order.</summary>
internal static partial class YamlText
{
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One document, ending with a line break.</summary>
    /// <param name="root">What to write.</param>
    public static string Write(JsonObject root)
    {
        var text = new StringBuilder();
        WriteMap(text, root, indent: 0);
        return text.ToString();
    }

    private static void WriteMap(StringBuilder text, JsonObject map, int indent)
    {
        var first = true;
        foreach (var (key, value) in map)
        {
            // The first key of a list item stands behind its dash.
            if (!first || !EndsWithDash(text)) text.Append(' ', indent);
            first = false;
            text.Append(Scalar(key)).Append(':');
            WriteValue(text, value, indent);
        }
    }

    private static void WriteValue(StringBuilder text, JsonNode? value, int indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                text.Append('\n');
                WriteMap(text, map, indent + 2);
                break;
            case JsonArray { Count: > 0 } list:
                text.Append('\n');
                foreach (var item in list) WriteItem(text, item, indent);
                break;
            default:
                text.Append(' ').Append(Scalar(value)).Append('\n');
                break;
        }
    }

    private static void WriteItem(StringBuilder text, JsonNode? item, int indent)
    {
        text.Append(' ', indent).Append("- ");
        if (item is JsonObject { Count: > 0 } map) WriteMap(text, map, indent + 2);
        else text.Append(Scalar(item)).Append('\n');
    }

    private static bool EndsWithDash(StringBuilder text) => text.Length > 1 && text[^1] == ' ' && text[^2] == '-';

    private static string Scalar(JsonNode? value) => value switch
    {
        JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String && IsPlain(scalar.GetValue<string>()) => scalar.GetValue<string>(),
        null => "null",
        _ => value.ToJsonString(Quoted),
    };

    private static bool IsPlain(string text) => Plain().IsMatch(text) && !Reserved().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z.](?:[A-Za-z0-9_ ./,;()'-]*[A-Za-z0-9_/.)])?$")]
    private static partial Regex Plain();

    // Words that YAML 1.1 or 1.2 reads as something else than text.
    [GeneratedRegex(@"^(?:true|false|yes|no|on|off|y|n|null|[.].*[0-9].*|\.inf|\.nan)$", RegexOptions.IgnoreCase)]
    private static partial Regex Reserved();
}
