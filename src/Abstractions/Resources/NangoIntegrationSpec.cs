using System.ComponentModel;
using System.Text.Json.Serialization;

namespace NangoOrleans.Resources;

/// <summary>What to do in Nango when the resource is deleted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeletionPolicy>))]
public enum DeletionPolicy
{
    /// <summary>Delete unless end users are connected through it (the default).</summary>
    DeleteIfUnused,

    /// <summary>Delete, and with it every connection.</summary>
    Delete,

    /// <summary>Leave it in Nango.</summary>
    Retain,
}

/// <summary>What to do when Nango already has the key and no resource owns it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AdoptionPolicy>))]
public enum AdoptionPolicy
{
    /// <summary>Take it over and make it agree (the default).</summary>
    Adopt,

    /// <summary>Leave it alone and say so.</summary>
    Refuse,
}

/// <summary>Whether the operator writes to Nango.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ManagementMode>))]
public enum ManagementMode
{
    /// <summary>Make Nango agree (the default).</summary>
    Manage,

    /// <summary>Report only, never write.</summary>
    Observe,
}

/// <summary>Points to the environment object that holds base URL and token.</summary>
[GenerateSerializer, Immutable, Alias("nango.EnvironmentReference")]
public sealed record EnvironmentReference
{
    /// <summary><c>NangoEnvironment</c> or <c>ClusterNangoEnvironment</c>.</summary>
    [Id(0), JsonPropertyName("kind")]
    [Description("NangoEnvironment (in this namespace) or ClusterNangoEnvironment."), Schema(Required = true, Values = ["NangoEnvironment", "ClusterNangoEnvironment"])]
    public string Kind { get; init; } = "";

    /// <summary>Name of the object; a NangoEnvironment is looked up in the resource's own namespace.</summary>
    [Id(1), JsonPropertyName("name")]
    [Description("Name of the environment object."), Schema(Required = true, MinLength = 1, MaxLength = 253)]
    public string Name { get; init; } = "";
}

/// <summary>Desired state of a <see cref="NangoIntegration"/>. Field names are snake_case, as users write them.</summary>
[GenerateSerializer, Immutable, Alias("nango.NangoIntegrationSpec")]
public sealed record NangoIntegrationSpec
{
    /// <summary>Nango's name of the integration. Immutable.</summary>
    [Id(0), JsonPropertyName("unique_key")]
    [Description("Key under which Nango knows the integration: 1 to 255 letters, digits or ~ : . @ _ - and blanks inside; not \".\" or \"..\". Cannot be changed."), Schema(Required = true, Immutable = true)]
    public string? UniqueKey { get; init; }

    /// <summary>Provider in Nango's catalogue. Immutable.</summary>
    [Id(1), JsonPropertyName("provider")]
    [Description("Provider as named in Nango's catalogue, for instance slack or github: letters, digits, _ and -. Cannot be changed."), Schema(Required = true, Immutable = true)]
    public string? Provider { get; init; }

    /// <summary>Human-readable name, 1–255 UTF-16 units.</summary>
    [Id(2), JsonPropertyName("display_name")]
    [Description("Human-readable name, 1 to 255 characters."), Schema(Required = true)]
    public string? DisplayName { get; init; }

    /// <summary>Credentials of the OAuth app; most auth modes take none.</summary>
    [Id(3), JsonPropertyName("credentials")]
    [Description("Credentials of your app at the provider. Required for the auth modes OAUTH1, OAUTH2, APP and CUSTOM, optional for TBA, not allowed for any other.")]
    public IntegrationCredentials? Credentials { get; init; }

    /// <summary>Whether Nango forwards the provider's webhooks.</summary>
    [Id(4), JsonPropertyName("forward_webhooks")]
    [Description("Whether Nango forwards the provider's webhooks to you. Nango's default is true.")]
    public bool? ForwardWebhooks { get; init; }

    /// <summary>Settings that some providers declare; write-only in Nango.</summary>
    [Id(5), JsonPropertyName("integration_config")]
    [Description("Settings that the provider declares (string to string). Nango does not show them again, so a change made there by hand is not noticed.")]
    public IReadOnlyDictionary<string, string>? IntegrationConfig { get; init; }

    /// <summary>Free settings; write-only in Nango.</summary>
    [Id(6), JsonPropertyName("custom")]
    [Description("Further settings (string to string) for providers without integration_config. Nango does not show them again, and keys cannot be removed there.")]
    public IReadOnlyDictionary<string, string>? Custom { get; init; }

    /// <summary>Secret key of the Nango environment.</summary>
    [Id(7), JsonPropertyName("nango_token")]
    [Description("Secret key of the Nango environment: a string, {value: …} or {secretKeyRef: {name, key}}. \"$(NANGO_TOKEN)\", or nothing, means the operator's own default credential.")]
    public SensitiveValue? NangoToken { get; init; }

    /// <summary>Base URL of the Nango server.</summary>
    [Id(8), JsonPropertyName("nango_base_url")]
    [Description("Base URL of the Nango server; must be on the administrator's list. Default: the operator's own (https://api.nango.dev unless configured).")]
    public string? NangoBaseUrl { get; init; }

    /// <summary>Environment object to use instead of token and base URL.</summary>
    [Id(9), JsonPropertyName("environment_ref")]
    [Description("NangoEnvironment or ClusterNangoEnvironment that holds base URL and token; excludes nango_token and nango_base_url.")]
    public EnvironmentReference? EnvironmentRef { get; init; }

    /// <summary>What deletion does in Nango; null means <see cref="Resources.DeletionPolicy.DeleteIfUnused"/>.</summary>
    [Id(10), JsonPropertyName("deletion_policy")]
    [Description("What happens in Nango when this resource is deleted: DeleteIfUnused (default) keeps an integration that has connections, Delete removes it with all its connections, Retain leaves it.")]
    public DeletionPolicy? DeletionPolicy { get; init; }

    /// <summary>What to do with a key that exists already; null means <see cref="Resources.AdoptionPolicy.Adopt"/>.</summary>
    [Id(11), JsonPropertyName("adoption_policy")]
    [Description("What happens when Nango already has the key: Adopt (default) takes it over, Refuse leaves it alone.")]
    public AdoptionPolicy? AdoptionPolicy { get; init; }

    /// <summary>Whether the operator writes; null means <see cref="ManagementMode.Manage"/>.</summary>
    [Id(12), JsonPropertyName("mode")]
    [Description("Manage (default) makes Nango agree with this resource; Observe only reports and never writes to Nango.")]
    public ManagementMode? Mode { get; init; }

    /// <summary>True: do nothing to Nango until it is false again; deletion still runs.</summary>
    [Id(13), JsonPropertyName("suspend")]
    [Description("True stops all work on this resource until it is set back; its deletion still runs.")]
    public bool? Suspend { get; init; }

    /// <summary>How often Nango is checked for changes made by hand.</summary>
    [Id(14), JsonPropertyName("resync_interval")]
    [Description("How often Nango is compared with this resource, for instance 10m or 1h; at least 1m. Default: the operator's setting."), Schema(Pattern = "^([0-9]+(s|m|h))+$")]
    public string? ResyncInterval { get; init; }

    /// <summary>A copy without literals and without the values of the two maps, which may hold secrets too.</summary>
    public NangoIntegrationSpec Redact() => this with
    {
        Credentials = Credentials?.Redact(),
        NangoToken = NangoToken?.Redact(),
        IntegrationConfig = KeysOnly(IntegrationConfig),
        Custom = KeysOnly(Custom),
    };

    private static Dictionary<string, string>? KeysOnly(IReadOnlyDictionary<string, string>? map) =>
        map?.ToDictionary(pair => pair.Key, _ => "", StringComparer.Ordinal);
}
