using System.Runtime.InteropServices;
using System.Text.Json;

namespace NangoOrleans.Kubernetes;

/// <summary>One line of a watch: the type of the event and where its object lies.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WatchLine(WatchEventKind Kind, Range Object)
{
    /// <exception cref="JsonException">The line is no watch event.</exception>
    public static WatchLine Read(ReadOnlySpan<byte> json)
    {
        WatchEventKind? kind = null;
        Range? found = null;
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("Not a watch event.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            var isObject = reader.ValueTextEquals("object"u8);
            reader.Read();
            if (isType) kind = ReadKind(ref reader);
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isObject) found = start..(int)reader.BytesConsumed;
        }

        return kind is { } type && found is { } range ? new(type, range) : throw new JsonException("Not a watch event.");
    }

    private static WatchEventKind ReadKind(ref Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.String ? WatchEventKind.Unknown
        : reader.ValueTextEquals("MODIFIED"u8) ? WatchEventKind.Modified
        : reader.ValueTextEquals("ADDED"u8) ? WatchEventKind.Added
        : reader.ValueTextEquals("DELETED"u8) ? WatchEventKind.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? WatchEventKind.Bookmark
        : reader.ValueTextEquals("ERROR"u8) ? WatchEventKind.Error
        : WatchEventKind.Unknown;
}

/// <summary>The event types of a watch.</summary>
internal enum WatchEventKind
{
    /// <summary>A type of a newer server.</summary>
    Unknown,

    /// <summary>ADDED.</summary>
    Added,

    /// <summary>MODIFIED.</summary>
    Modified,

    /// <summary>DELETED.</summary>
    Deleted,

    /// <summary>BOOKMARK.</summary>
    Bookmark,

    /// <summary>ERROR.</summary>
    Error,
}
