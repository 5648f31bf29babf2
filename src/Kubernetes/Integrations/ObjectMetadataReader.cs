using System.Text.Json;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Reads the few metadata fields the operator works with; the rest, most of the weight, is skipped unread.</summary>
internal static class ObjectMetadataReader
{
    private const string OwnPrefix = NangoApi.Group + "/";

    // Most objects have none of either; they share these, which nobody changes.
    private static readonly List<string> None = [];
    private static readonly Dictionary<string, string> Nothing = new(StringComparer.Ordinal);

    /// <summary>Reads <c>metadata</c>; the reader stands on its opening brace.</summary>
    /// <exception cref="JsonException">A field has another type than Kubernetes gives it.</exception>
    public static ObjectMetadata Read(ref Utf8JsonReader reader)
    {
        string name = "", @namespace = "", uid = "", version = "";
        long generation = 0;
        DateTimeOffset? created = null, deleted = null;
        List<string> finalizers = None;
        Dictionary<string, string> annotations = Nothing;
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8)) name = Text(ref reader);
            else if (reader.ValueTextEquals("namespace"u8)) @namespace = Text(ref reader);
            else if (reader.ValueTextEquals("uid"u8)) uid = Text(ref reader);
            else if (reader.ValueTextEquals("resourceVersion"u8)) version = Text(ref reader);
            else if (reader.ValueTextEquals("generation"u8)) generation = Number(ref reader);
            else if (reader.ValueTextEquals("creationTimestamp"u8)) created = Time(ref reader);
            else if (reader.ValueTextEquals("deletionTimestamp"u8)) deleted = Time(ref reader);
            else if (reader.ValueTextEquals("finalizers"u8)) finalizers = Texts(ref reader);
            else if (reader.ValueTextEquals("annotations"u8)) annotations = Own(ref reader);
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return new()
        {
            Name = name,
            Namespace = @namespace,
            Uid = uid,
            ResourceVersion = version,
            Generation = generation,
            CreationTimestamp = created ?? default,
            DeletionTimestamp = deleted,
            Finalizers = finalizers,
            Annotations = annotations,
        };
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.Null => "",
            _ => throw new JsonException(),
        };
    }

    private static long Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) ? number : throw new JsonException();
    }

    private static DateTimeOffset? Time(ref Utf8JsonReader reader)
    {
        var text = Text(ref reader);
        if (text.Length == 0) return null;
        return KubernetesTimeConverter.TryRead(text, out var time) ? time : throw new JsonException();
    }

    private static List<string> Texts(ref Utf8JsonReader reader)
    {
        var list = new List<string>(1);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray) return list;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            list.Add(reader.ValueTextEquals(NangoApi.Finalizer) ? NangoApi.Finalizer : reader.GetString() ?? "");
        return list;
    }

    private static Dictionary<string, string> Own(ref Utf8JsonReader reader)
    {
        Dictionary<string, string>? own = null;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return Nothing;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Names are compared as bytes first: kubectl's last-applied annotation is as long as the object.
            var key = reader.ValueSpan.StartsWith("nango.nango.dev/"u8) ? reader.GetString() : null;
            reader.Read();
            if (key is null || !key.StartsWith(OwnPrefix, StringComparison.Ordinal)) continue;
            own ??= new Dictionary<string, string>(StringComparer.Ordinal);
            own[key] = reader.GetString() ?? "";
        }

        return own ?? Nothing;
    }
}
