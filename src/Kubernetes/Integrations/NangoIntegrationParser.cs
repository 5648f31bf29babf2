using System.Text.Json;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>
/// Reads a <see cref="NangoIntegration"/> from the JSON of the API server in one pass. Labels, managed fields and
/// annotations of others are skipped, and a spec that does not fit becomes <see cref="NangoIntegration.SpecProblem"/>
/// instead of an exception, so that the resource itself can be told about it.
/// </summary>
public static class NangoIntegrationParser
{
    /// <summary>Reads everything, inline sensitive values included.</summary>
    /// <param name="json">One object.</param>
    /// <exception cref="JsonException">No JSON object at all, or metadata of unknown form.</exception>
    public static NangoIntegration Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var metadata = new ObjectMetadata();
        NangoIntegrationSpec? spec = null;
        NangoIntegrationStatus? status = null;
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
            else if (reader.ValueTextEquals("spec"u8)) (spec, problem) = ReadSpec(json, ref reader);
            else if (reader.ValueTextEquals("status"u8)) status = ReadStatus(json, ref reader);
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return new() { Metadata = metadata, Spec = spec, Status = status, SpecProblem = spec is null ? problem : null };
    }

    /// <summary>Reads everything but sensitive values: what a feed hands on.</summary>
    /// <param name="json">One object.</param>
    /// <exception cref="JsonException">No JSON object at all, or metadata of unknown form.</exception>
    public static NangoIntegration ParseRedacted(ReadOnlySpan<byte> json) => Parse(json).Redact();

    private static (NangoIntegrationSpec? Spec, string Problem) ReadSpec(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        try
        {
            var spec = JsonSerializer.Deserialize<NangoIntegrationSpec>(Value(json, ref reader), KubernetesJson.Options);
            return (spec, "spec: is null.");
        }
        catch (JsonException e)
        {
            return (null, SpecProblems.Describe(e.Path));
        }
    }

    // A status that cannot be read was not written by this version: it counts as never reported and is written anew.
    private static NangoIntegrationStatus? ReadStatus(ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        try
        {
            var status = JsonSerializer.Deserialize<NangoIntegrationStatus>(Value(json, ref reader), KubernetesJson.Options);
            return status is { Conditions: null } ? status with { Conditions = [] } : status;
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
