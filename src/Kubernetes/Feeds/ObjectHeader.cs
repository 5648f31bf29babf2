using System.Text.Json;

namespace NangoOrleans.Kubernetes;

/// <summary>Reads who an object is, and nothing else, so that an object with an unreadable body still has a name.</summary>
internal static class ObjectHeader
{
    /// <summary>Reads <c>metadata</c> of an object.</summary>
    /// <returns>False when there is no usable metadata: then it is no Kubernetes object at all.</returns>
    public static bool TryRead(ReadOnlySpan<byte> json, out ObjectIdentity identity)
    {
        identity = default;
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isMetadata = reader.ValueTextEquals("metadata"u8);
                reader.Read();
                if (isMetadata && reader.TokenType == JsonTokenType.StartObject)
                {
                    identity = ReadMetadata(ref reader);
                    return true;
                }

                reader.Skip();
            }

            return false;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static ObjectIdentity ReadMetadata(ref Utf8JsonReader reader)
    {
        string @namespace = "", name = "", uid = "", version = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"u8)) name = Text(ref reader);
            else if (reader.ValueTextEquals("namespace"u8)) @namespace = Text(ref reader);
            else if (reader.ValueTextEquals("uid"u8)) uid = Text(ref reader);
            else if (reader.ValueTextEquals("resourceVersion"u8)) version = Text(ref reader);
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return new(@namespace, name, uid, version);
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return reader.GetString() ?? "";
        reader.Skip();
        return "";
    }
}
