using System.Text.Json;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Reads a <see cref="NangoIntegration"/> from the JSON of the API server.</summary>
public static class NangoIntegrationParser
{
    /// <summary>Reads everything, inline sensitive values included.</summary>
    /// <param name="json">One object.</param>
    /// <exception cref="JsonException">No JSON object at all, or metadata of unknown form.</exception>
    public static NangoIntegration Parse(ReadOnlySpan<byte> json)
    {
        var (metadata, spec, status, problem) = ResourceReader.Read<NangoIntegrationSpec, NangoIntegrationStatus>(json);
        return new() { Metadata = metadata, Spec = spec, Status = status is { Conditions: null } ? status with { Conditions = [] } : status, SpecProblem = problem };
    }

    /// <summary>Reads everything but sensitive values: what a feed hands on.</summary>
    /// <param name="json">One object.</param>
    /// <exception cref="JsonException">No JSON object at all, or metadata of unknown form.</exception>
    public static NangoIntegration ParseRedacted(ReadOnlySpan<byte> json) => Parse(json).Redact();
}
