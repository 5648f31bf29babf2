using System.Text.Json;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>
/// Reads metadata, spec and status of one of our resources in one pass. Labels, managed fields and annotations of others are
/// skipped, and a spec that does not fit becomes a problem instead of an exception, so that the resource itself can be told.
/// </summary>
internal static class ResourceReader
{
    /// <summary>Reads one object.</summary>
    /// <exception cref="JsonException">No JSON object at all, or metadata of unknown form.</exception>
    public static (ObjectMetadata Metadata, TSpec? Spec, TStatus? Status, string? Problem) Read<TSpec, TStatus>(ReadOnlySpan<byte> json)
        where TSpec : class
        where TStatus : class
    {
        var reader = new Utf8JsonReader(json);
        var metadata = new ObjectMetadata();
        TSpec? spec = null;
        TStatus? status = null;
        var problem = "spec: is missing.";
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                metadata = ObjectMetadataReader.Read(ref reader);
            }
            else if (reader.ValueTextEquals("spec"u8)) (spec, problem) = ReadSpec<TSpec>(json, ref reader);
            else if (reader.ValueTextEquals("status"u8)) status = ReadStatus<TStatus>(json, ref reader);
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return (metadata, spec, status, spec is null ? problem : null);
    }

    private static (TSpec? Spec, string Problem) ReadSpec<TSpec>(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
        where TSpec : class
    {
        try
        {
            return (JsonSerializer.Deserialize<TSpec>(Value(json, ref reader), KubernetesJson.Options), "spec: is null.");
        }
        catch (JsonException e)
        {
            return (null, SpecProblems.Describe(typeof(TSpec), e.Path));
        }
    }

    // A status that cannot be read was not written by this version: it counts as never reported and is written anew.
    private static TStatus? ReadStatus<TStatus>(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
        where TStatus : class
    {
        try
        {
            return JsonSerializer.Deserialize<TStatus>(Value(json, ref reader), KubernetesJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        reader.Read();
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json[start..(int)reader.BytesConsumed];
    }
}
