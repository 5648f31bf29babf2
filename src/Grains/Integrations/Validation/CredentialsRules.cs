using System.Text.RegularExpressions;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Validation;

/// <summary>Which credential fields each type needs and takes, and what their values may be (Nango's own rules).</summary>
public static partial class CredentialsRules
{
    private static readonly Dictionary<string, (string[] Required, string[] Optional)> FieldsByType = new(StringComparer.Ordinal)
    {
        ["OAUTH1"] = (["client_id", "client_secret"], ["scopes", "webhook_secret"]),
        ["OAUTH2"] = (["client_id", "client_secret"], ["scopes", "webhook_secret"]),
        ["TBA"] = (["client_id", "client_secret"], ["scopes", "webhook_secret"]),
        ["APP"] = (["app_id", "app_link", "private_key"], []),
        ["CUSTOM"] = (["client_id", "client_secret", "app_id", "app_link", "private_key"], []),
    };

    /// <summary>Types that Nango takes, for messages.</summary>
    public static string Types => string.Join(", ", FieldsByType.Keys);

    /// <summary>True for an auth mode whose integrations may have credentials.</summary>
    /// <param name="authMode">Auth mode of a provider.</param>
    public static bool TakesCredentials(string authMode) => FieldsByType.ContainsKey(authMode);

    /// <summary>True for an auth mode whose integrations must have credentials.</summary>
    /// <param name="authMode">Auth mode of a provider.</param>
    public static bool NeedsCredentials(string authMode) =>
        TakesCredentials(authMode) && !string.Equals(authMode, "TBA", StringComparison.Ordinal);

    /// <summary>True when credentials of a type take a field.</summary>
    /// <param name="type">A type of the table.</param>
    /// <param name="field">Name of the field.</param>
    public static bool HasField(string type, string field) =>
        FieldsByType.TryGetValue(type, out var fields)
        && (fields.Required.Contains(field, StringComparer.Ordinal) || fields.Optional.Contains(field, StringComparer.Ordinal));

    /// <summary>Checks presence and shape; works on redacted copies too.</summary>
    public static IEnumerable<FieldProblem> Check(IntegrationCredentials credentials)
    {
        const string TypeField = "spec.credentials.type";
        foreach (var (name, value) in SensitiveFields(credentials))
            if (value?.Problem is { } problem) yield return new($"spec.credentials.{name}", problem);
        if (credentials.SecretRef is { Name: "" })
            yield return new("spec.credentials.secret_ref.name", "is empty: name a Secret of this namespace");
        if (string.IsNullOrEmpty(credentials.Type))
        {
            yield return new(TypeField, $"is missing: use the provider's auth mode, one of {Types}");
            yield break;
        }

        if (!FieldsByType.TryGetValue(credentials.Type, out var fields))
        {
            yield return new(TypeField, $"must be one of {Types}; for a provider of another auth mode leave credentials out altogether");
            yield break;
        }

        foreach (var required in fields.Required)
            if (!IsSet(credentials, required) && credentials.SecretRef is null)
                yield return new($"spec.credentials.{required}", $"is missing: type {credentials.Type} needs it");
        foreach (var (name, isSet) in AllFields(credentials))
            if (isSet && !fields.Required.Contains(name, StringComparer.Ordinal) && !fields.Optional.Contains(name, StringComparer.Ordinal))
                yield return new($"spec.credentials.{name}", $"is not a field of type {credentials.Type}: remove it");
        if (credentials.Scopes is { Length: > 0 } scopes && !ScopesPattern().IsMatch(scopes))
            yield return new("spec.credentials.scopes", "must be separated by commas without blanks, for instance chat:write,channels:read");
        if (credentials.AppLink is { Length: > IntegrationValidator.MaxTextLength })
            yield return new("spec.credentials.app_link", $"is longer than {IntegrationValidator.MaxTextLength} characters");
    }

    /// <summary>Checks the values themselves, once they are known; never quotes one.</summary>
    /// <param name="values">Credentials with every reference resolved.</param>
    public static IEnumerable<FieldProblem> CheckValues(RemoteCredentials values)
    {
        var fields = FieldsByType[values.Type];
        foreach (var required in fields.Required)
            if (string.IsNullOrEmpty(Value(values, required)))
                yield return new($"spec.credentials.{required}", $"is empty or missing: type {values.Type} needs it (written there, by secretKeyRef, or as a key of secret_ref)");
        foreach (var name in (string[])["client_id", "app_id", "webhook_secret"])
            if (Value(values, name) is { Length: > IntegrationValidator.MaxTextLength })
                yield return new($"spec.credentials.{name}", $"is longer than {IntegrationValidator.MaxTextLength} characters");
        foreach (var name in (string[])["client_id", "app_id", "app_link", "webhook_secret"])
            if (Value(values, name)?.Contains('\0', StringComparison.Ordinal) == true)
                yield return new($"spec.credentials.{name}", "has a NUL character: remove it");
        if (values.PrivateKey is { Length: > 0 } key && !IsRsaPem(key))
            yield return new("spec.credentials.private_key", "must begin with -----BEGIN RSA PRIVATE KEY----- and end with -----END RSA PRIVATE KEY----- (PKCS#1; convert a PKCS#8 key with: openssl rsa -traditional)");
    }

    /// <summary>The sensitive fields by name, in schema order.</summary>
    public static IEnumerable<(string Name, SensitiveValue? Value)> SensitiveFields(IntegrationCredentials credentials) =>
    [
        ("client_id", credentials.ClientId),
        ("client_secret", credentials.ClientSecret),
        ("webhook_secret", credentials.WebhookSecret),
        ("app_id", credentials.AppId),
        ("private_key", credentials.PrivateKey),
    ];

    private static IEnumerable<(string Name, bool IsSet)> AllFields(IntegrationCredentials credentials) =>
    [
        .. SensitiveFields(credentials).Select(f => (f.Name, f.Value is not null)),
        ("scopes", credentials.Scopes is not null),
        ("app_link", credentials.AppLink is not null),
    ];

    private static bool IsSet(IntegrationCredentials credentials, string name) =>
        AllFields(credentials).Any(field => field.IsSet && string.Equals(field.Name, name, StringComparison.Ordinal));

    private static string? Value(RemoteCredentials values, string name) => name switch
    {
        "client_id" => values.ClientId,
        "client_secret" => values.ClientSecret,
        "scopes" => values.Scopes,
        "webhook_secret" => values.WebhookSecret,
        "app_id" => values.AppId,
        "app_link" => values.AppLink,
        "private_key" => values.PrivateKey,
        _ => null,
    };

    private static bool IsRsaPem(string key) =>
        key.StartsWith("-----BEGIN RSA PRIVATE KEY----", StringComparison.Ordinal) && key.EndsWith("-----END RSA PRIVATE KEY-----", StringComparison.Ordinal);

    [GeneratedRegex("^[0-9a-zA-Z:/_.*-]+(?:,[0-9a-zA-Z:/_.*-]+)*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ScopesPattern();
}
