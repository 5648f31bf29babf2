namespace NangoOrleans.FakeNango;

/// <summary>A field of a provider's <c>integration_config</c>.</summary>
public sealed record ConfigField(string Name, string Title)
{
    /// <summary>May be left out or cleared.</summary>
    public bool Optional { get; init; }

    /// <summary>The only values allowed; empty allows all.</summary>
    public IReadOnlyList<string> OneOf { get; init; } = [];

    /// <summary>Stored by POST when the field is left out.</summary>
    public string? DefaultValue { get; init; }

    /// <summary>Must be an absolute http or https URL.</summary>
    public bool IsUrl { get; init; }
}

/// <summary>What the fake knows of a provider. The mode and the display name are null only for JavaScript's built-in names.</summary>
public sealed record Provider(string Name, string? DisplayName, string? AuthMode)
{
    /// <summary>Stored by POST when scopes are omitted or empty.</summary>
    public IReadOnlyList<string> DefaultScopes { get; init; } = [];

    /// <summary>Whether the provider gets a webhook URL.</summary>
    public bool RoutesWebhooks { get; init; }

    /// <summary>Schema of <c>integration_config</c>; empty when the provider has none.</summary>
    public IReadOnlyList<ConfigField> ConfigFields { get; init; } = [];

    /// <summary><c>client_registration</c> of MCP providers.</summary>
    public string? ClientRegistration { get; init; }

    internal bool HasCredentials => AuthMode is "OAUTH1" or "OAUTH2" or "TBA" or "APP" or "CUSTOM";

    // TBA has credentials but may be created without them.
    internal bool RequiresCredentials => HasCredentials && AuthMode != "TBA";
}
