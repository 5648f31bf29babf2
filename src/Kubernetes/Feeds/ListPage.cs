using System.Text.Json;

namespace NangoOrleans.Kubernetes;

/// <summary>One page of a list: where its objects lie in the body, and how to go on.</summary>
internal sealed record ListPage(string ResourceVersion, string Continue, IReadOnlyList<Range> Items)
{
    /// <summary>Finds the objects without reading them.</summary>
    /// <exception cref="JsonException">The body is no list.</exception>
    public static ListPage Read(ReadOnlySpan<byte> json)
    {
        string version = "", next = "";
        var items = new List<Range>();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("Not a list.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8)) ReadMetadata(ref reader, ref version, ref next);
            else if (reader.ValueTextEquals("items"u8)) ReadItems(ref reader, items);
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        // Every list has a version; without one (a login page of a proxy, say) a watch would start nowhere.
        return version.Length == 0 ? throw new JsonException("Not a list.") : new(version, next, items);
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, ref string version, ref string next)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isVersion = reader.ValueTextEquals("resourceVersion"u8);
            var isContinue = reader.ValueTextEquals("continue"u8);
            reader.Read();
            if (isVersion) version = reader.GetString() ?? "";
            else if (isContinue) next = reader.GetString() ?? "";
            else reader.Skip();
        }
    }

    private static void ReadItems(ref Utf8JsonReader reader, List<Range> items)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray) return; // "items": null is an empty list
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(start..(int)reader.BytesConsumed);
        }
    }
}
