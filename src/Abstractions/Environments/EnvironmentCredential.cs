using NangoOrleans.Integrations;

namespace NangoOrleans.Environments;

/// <summary>Where the token of an environment stands.</summary>
public enum CredentialKind
{
    /// <summary>The operator's own, as far as the namespace may use it.</summary>
    Default,

    /// <summary>Written into a <c>NangoIntegration</c>.</summary>
    InlineOf,

    /// <summary>A key of a Secret.</summary>
    Secret,

    /// <summary>An environment object names it.</summary>
    EnvironmentObject,
}

/// <summary>Where the credential of an environment is found: a reference, never the token, so that it may cross the wire and be kept.</summary>
[GenerateSerializer, Immutable, Alias("nango.EnvironmentCredential")]
public sealed record EnvironmentCredential
{
    /// <summary>Where the token stands.</summary>
    [Id(0)] public CredentialKind Kind { get; init; }

    /// <summary>Base URL it is for, checked and normalised; null where the environment object says so itself.</summary>
    [Id(1)] public string? BaseUrl { get; init; }

    /// <summary>Namespace of the holder; with <see cref="CredentialKind.Default"/> the one that wants to use it. Null for a cluster-wide object.</summary>
    [Id(2)] public string? Namespace { get; init; }

    /// <summary>Name of the resource, Secret or environment object.</summary>
    [Id(3)] public string? Name { get; init; }

    /// <summary>Key within the Secret.</summary>
    [Id(4)] public string? Key { get; init; }

    /// <summary>Kind of the environment object.</summary>
    [Id(5)] public string? ObjectKind { get; init; }

    /// <summary>The operator's own credential.</summary>
    /// <param name="baseUrl">Checked base URL.</param>
    /// <param name="namespace">Who wants to use it.</param>
    public static EnvironmentCredential Default(string baseUrl, string @namespace) =>
        new() { Kind = CredentialKind.Default, BaseUrl = baseUrl, Namespace = @namespace };

    /// <summary>The token written into a resource.</summary>
    /// <param name="baseUrl">Checked base URL.</param>
    /// <param name="holder">The resource.</param>
    public static EnvironmentCredential InlineOf(string baseUrl, IntegrationKey holder) =>
        new() { Kind = CredentialKind.InlineOf, BaseUrl = baseUrl, Namespace = holder.Namespace, Name = holder.Name };

    /// <summary>A key of a Secret.</summary>
    /// <param name="baseUrl">Checked base URL.</param>
    /// <param name="namespace">Namespace of the Secret.</param>
    /// <param name="name">Name of the Secret.</param>
    /// <param name="key">Key within it.</param>
    public static EnvironmentCredential Secret(string baseUrl, string @namespace, string name, string key) =>
        new() { Kind = CredentialKind.Secret, BaseUrl = baseUrl, Namespace = @namespace, Name = name, Key = key };

    /// <summary>What an environment object names.</summary>
    /// <param name="kind">NangoEnvironment or ClusterNangoEnvironment.</param>
    /// <param name="namespace">Namespace of the object; null for the cluster-wide kind.</param>
    /// <param name="name">Name of the object.</param>
    public static EnvironmentCredential OfObject(string kind, string? @namespace, string name) =>
        new() { Kind = CredentialKind.EnvironmentObject, ObjectKind = kind, Namespace = @namespace, Name = name };

    /// <summary>True when both stand in the same place, and so are one credential whatever it is; false says nothing.</summary>
    /// <param name="other">Another reference.</param>
    public bool IsSameAs(EnvironmentCredential? other) =>
        other is not null && (Kind == CredentialKind.Default ? other.Kind == Kind && other.BaseUrl == BaseUrl : this == other);
}
