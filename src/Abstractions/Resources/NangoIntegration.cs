using System.ComponentModel;
using System.Text.Json.Serialization;

namespace NangoOrleans.Resources;

/// <summary>An integration that should exist in Nango (<c>nango.nango.dev/v1alpha1</c>, short name <c>ni</c>).</summary>
[GenerateSerializer, Immutable, Alias("nango.NangoIntegration")]
[Description("NangoIntegration is an integration that should exist in Nango.")]
public sealed record NangoIntegration
{
    /// <summary>Name, identity, versions and marks.</summary>
    [Id(0), JsonPropertyName("metadata")] public ObjectMetadata Metadata { get; init; } = new();

    /// <summary>What should exist; null only when the stored spec cannot be read (see <see cref="SpecProblem"/>).</summary>
    [Id(1), JsonPropertyName("spec")][Description("What should exist in Nango.")] public NangoIntegrationSpec? Spec { get; init; }

    /// <summary>What the operator last reported.</summary>
    [Id(2), JsonPropertyName("status")][Description("What the operator last reported; written only when something changed.")] public NangoIntegrationStatus? Status { get; init; }

    /// <summary>Why the stored spec cannot be read (field path and expected type, never content); null when it can.</summary>
    [Id(3), JsonIgnore] public string? SpecProblem { get; init; }

    /// <summary>True once deletion was asked for.</summary>
    [JsonIgnore] public bool IsDeleting => Metadata.DeletionTimestamp is not null;

    /// <summary>True while our finalizer is on.</summary>
    [JsonIgnore] public bool HasFinalizer => Metadata.Finalizers.Contains(NangoApi.Finalizer, StringComparer.Ordinal);

    /// <summary>A copy that carries no sensitive value: what may travel between silos and rest in a grain.</summary>
    public NangoIntegration Redact() => this with { Spec = Spec?.Redact() };
}
