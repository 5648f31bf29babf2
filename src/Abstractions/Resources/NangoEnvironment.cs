using System.ComponentModel;
using System.Text.Json.Serialization;

namespace NangoOrleans.Resources;

/// <summary>
/// A Nango server with a key to it, kept out of tenants' reach. Both kinds are read into this one type: a <c>NangoEnvironment</c>
/// (short name <c>ne</c>) serves its own namespace, a <c>ClusterNangoEnvironment</c> (<c>cne</c>, no namespace) the namespaces it allows.
/// </summary>
public sealed record NangoEnvironment
{
    /// <summary>Name, identity, versions.</summary>
    [JsonPropertyName("metadata")] public ObjectMetadata Metadata { get; init; } = new();

    /// <summary>Where the server is and how it may be used; null only when the stored spec cannot be read (see <see cref="SpecProblem"/>).</summary>
    [JsonPropertyName("spec")][Description("The Nango environment and how it may be used."), Schema(Required = true)] public NangoEnvironmentSpec? Spec { get; init; }

    /// <summary>What the operator last reported.</summary>
    [JsonPropertyName("status")][Description("What the operator last reported; written only when something changed.")] public NangoEnvironmentStatus? Status { get; init; }

    /// <summary>Why the stored spec cannot be read; null when it can.</summary>
    [JsonIgnore] public string? SpecProblem { get; init; }

    /// <summary>Which object it is.</summary>
    [JsonIgnore] public EnvironmentId Id => new(Metadata.Namespace, Metadata.Name);
}

/// <summary>Names an environment object.</summary>
/// <param name="Namespace">Its namespace; empty for a <c>ClusterNangoEnvironment</c>.</param>
/// <param name="Name">Its name.</param>
[GenerateSerializer, Immutable, Alias("nango.EnvironmentId")]
public readonly record struct EnvironmentId([property: Id(0)] string Namespace, [property: Id(1)] string Name)
{
    /// <summary>True for a <c>ClusterNangoEnvironment</c>.</summary>
    public bool IsClusterScoped => Namespace.Length == 0;

    /// <summary>Kind of the object.</summary>
    public string Kind => IsClusterScoped ? NangoApi.ClusterEnvironmentKind : NangoApi.EnvironmentKind;

    /// <summary>The object that a resource of a namespace refers to.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="namespace">Namespace of the resource that holds it.</param>
    public static EnvironmentId Of(EnvironmentReference reference, string @namespace) =>
        new(string.Equals(reference.Kind, NangoApi.ClusterEnvironmentKind, StringComparison.Ordinal) ? "" : @namespace, reference.Name);

    /// <summary>Kind and name, as messages name it.</summary>
    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>Desired use of a Nango environment.</summary>
public sealed record NangoEnvironmentSpec
{
    /// <summary>Base URL of the server.</summary>
    [JsonPropertyName("base_url")]
    [Description("Base URL of the Nango server; must be on the administrator's list (NangoOrleans:AllowedBaseUrls). Default: the operator's own."), Schema(MinLength = 1)]
    public string? BaseUrl { get; init; }

    /// <summary>Secret key of the environment.</summary>
    [JsonPropertyName("token")]
    [Description("Secret key of the Nango environment, always taken from a Secret."), Schema(Required = true)]
    public EnvironmentToken? Token { get; init; }

    /// <summary>Who may use a cluster-wide environment.</summary>
    [JsonPropertyName("allowed_namespaces")]
    [Description("Namespaces whose integrations may use this environment: those named and those whose labels match. Default: none.")]
    public AllowedNamespaces? AllowedNamespaces { get; init; }

    /// <summary>What the keys of a namespace must begin with.</summary>
    [JsonPropertyName("key_prefix_policy")]
    [Description("What every spec.unique_key must begin with; {namespace} stands for the integration's namespace, for instance \"{namespace}.\". Integrations with another key are refused. Default: any key."), Schema(Pattern = "^[a-zA-Z0-9~:.@_-]*([{]namespace[}][a-zA-Z0-9~:.@_-]*)?$", MinLength = 1, MaxLength = 128)]
    public string? KeyPrefixPolicy { get; init; }

    /// <summary>How much of Nango's request limit the operator may use.</summary>
    [JsonPropertyName("rate_limit")]
    [Description("How much of Nango's request limit the operator may use; Nango counts for the whole account.")]
    public EnvironmentRateLimit? RateLimit { get; init; }

    /// <summary>Integrations are never deleted in Nango.</summary>
    [JsonPropertyName("deletion_protection")]
    [Description("True: nothing is ever deleted in this Nango environment; deleting a resource leaves its integration there, and an event says so.")]
    public bool? DeletionProtection { get; init; }

    /// <summary>Integrations are left alone.</summary>
    [JsonPropertyName("suspend")]
    [Description("True stops all work on the integrations of this environment until it is set back; deletions still run (use deletion_protection to keep what is there).")]
    public bool? Suspend { get; init; }

    /// <summary>Certificates to trust.</summary>
    [JsonPropertyName("ca_bundle")]
    [Description("Certificates (PEM) of the authorities to trust for this server, instead of the system's.")]
    public string? CaBundle { get; init; }
}

/// <summary>Where the secret key of an environment is.</summary>
public sealed record EnvironmentToken
{
    /// <summary>The key of a Secret.</summary>
    [JsonPropertyName("secretKeyRef")]
    [Description("The key of a Secret that holds it."), Schema(Required = true)]
    public EnvironmentSecretKeySelector? SecretKeyRef { get; init; }
}

/// <summary>Names one key of one Secret.</summary>
public sealed record EnvironmentSecretKeySelector
{
    /// <summary>Name of the Secret.</summary>
    [JsonPropertyName("name")][Description("Name of the Secret."), Schema(Required = true, MinLength = 1)] public string Name { get; init; } = "";

    /// <summary>Key within the Secret's data.</summary>
    [JsonPropertyName("key")][Description("Key within the Secret."), Schema(Required = true, MinLength = 1)] public string Key { get; init; } = "";

    /// <summary>Namespace of the Secret; cluster kind only, the other kind's Secret is in its own namespace.</summary>
    [JsonPropertyName("namespace")][Description("Namespace of the Secret."), Schema(MinLength = 1)] public string? Namespace { get; init; }
}

/// <summary>Namespaces that may use an environment; either rule is enough.</summary>
public sealed record AllowedNamespaces
{
    /// <summary>By name.</summary>
    [JsonPropertyName("names")][Description("Names of namespaces.")] public IReadOnlyList<string>? Names { get; init; }

    /// <summary>By label.</summary>
    [JsonPropertyName("selector")][Description("Labels of namespaces. An empty selector matches every namespace.")] public NamespaceSelector? Selector { get; init; }
}

/// <summary>A Kubernetes label selector; all its requirements must hold.</summary>
public sealed record NamespaceSelector
{
    /// <summary>Labels with their values.</summary>
    [JsonPropertyName("matchLabels")][Description("Labels that must have these values.")] public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    /// <summary>Further requirements.</summary>
    [JsonPropertyName("matchExpressions")][Description("Further requirements.")] public IReadOnlyList<SelectorRequirement>? MatchExpressions { get; init; }
}

/// <summary>One requirement of a label selector.</summary>
public sealed record SelectorRequirement
{
    /// <summary>Label.</summary>
    [JsonPropertyName("key")][Description("The label."), Schema(Required = true)] public string Key { get; init; } = "";

    /// <summary>How it is compared.</summary>
    [JsonPropertyName("operator")][Description("In, NotIn, Exists or DoesNotExist."), Schema(Required = true, Values = ["In", "NotIn", "Exists", "DoesNotExist"])] public string Operator { get; init; } = "";

    /// <summary>With what.</summary>
    [JsonPropertyName("values")][Description("Values for In and NotIn.")] public IReadOnlyList<string>? Values { get; init; }
}

/// <summary>The operator's share of Nango's request limit.</summary>
public sealed record EnvironmentRateLimit
{
    /// <summary>Requests a minute.</summary>
    [JsonPropertyName("requests_per_minute")]
    [Description("The operator's own requests a minute at most, even where Nango allows more. Default: what Nango's answers allow, less the reserve."), Schema(Minimum = 1, Maximum = 100_000)]
    public int? RequestsPerMinute { get; init; }

    /// <summary>Share left to others.</summary>
    [JsonPropertyName("reserve_percent")]
    [Description("Share of Nango's limit, in percent, that is left to your own applications. Default: the operator's setting RateLimit:ReservePercent."), Schema(Maximum = 90)]
    public int? ReservePercent { get; init; }
}
