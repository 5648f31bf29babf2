using System.Runtime.InteropServices;
using System.Text.Json;

namespace NangoOrleans.Kubernetes;

/// <summary>An object as read: either the item, or why it could not be read.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FeedObject<T>(ObjectIdentity Identity, T? Item, string? Problem)
{
    /// <summary>Reads an object; only one without metadata is refused.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, BodyParser<T> parser, out FeedObject<T> found)
    {
        if (!ObjectHeader.TryRead(json, out var identity) || identity.Name.Length == 0)
        {
            found = default;
            return false;
        }

        found = Read(identity, json, parser);
        return true;
    }

    private static FeedObject<T> Read(ObjectIdentity identity, ReadOnlySpan<byte> json, BodyParser<T> parser)
    {
        try
        {
            return new(identity, parser(json), null);
        }
        catch (JsonException e)
        {
            return new(identity, default, $"{e.Path ?? "$"}: not of the expected type.");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The message of a parser may quote content; the type does not.
            return new(identity, default, $"cannot be read ({e.GetType().Name}).");
        }
    }
}
