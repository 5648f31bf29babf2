using System.Text.Json;
using NangoOrleans.Resources;

namespace NangoOrleans.Kubernetes;

/// <summary>Reads an environment object of either kind from the JSON of the API server. It holds no sensitive value.</summary>
public static class NangoEnvironmentParser
{
    /// <summary>Reads it.</summary>
    /// <param name="json">One object.</param>
    /// <exception cref="JsonException">No JSON object at all, or metadata of unknown form.</exception>
    public static NangoEnvironment Parse(ReadOnlySpan<byte> json)
    {
        var (metadata, spec, status, problem) = ResourceReader.Read<NangoEnvironmentSpec, NangoEnvironmentStatus>(json);
        return new() { Metadata = metadata, Spec = spec, Status = status is { Conditions: null } ? status with { Conditions = [] } : status, SpecProblem = problem };
    }
}
