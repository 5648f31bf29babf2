using System.Text.Json;

namespace NangoOrleans.FakeNango;

/// <summary>The <c>credentials</c> of a request body after its schema check (nango-api §3).</summary>
internal sealed record Credentials(string Type)
{
    public string? ClientId { get; init; }

    public string? ClientSecret { get; init; }

    public string? Scopes { get; init; }

    public string? WebhookSecret { get; init; }

    public string? AppId { get; init; }

    public string? AppLink { get; init; }

    public string? PrivateKey { get; init; }

    public static Credentials? Read(JsonElement value, List<Issue> issues)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            issues.Add(Schemas.WrongType("object", value, ["credentials"]));
            return null;
        }
        var reader = new ObjectReader(value, issues, "credentials");
        var type = reader.Take("type") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        var read = type switch
        {
            "OAUTH1" or "OAUTH2" or "TBA" => ReadOAuth(type, reader, issues),
            "APP" => ReadApp(new(type), reader, issues),
            "CUSTOM" => ReadApp(ReadClient(new(type), reader), reader, issues),
            _ => null,
        };
        if (read is null)
            issues.Add(new("invalid_union", "invalid credentials object", "credentials", "type"));
        else
            reader.RejectOthers();
        return read;
    }

    private static Credentials ReadOAuth(string type, ObjectReader reader, List<Issue> issues) => ReadClient(new(type), reader) with
    {
        Scopes = ReadScopes(reader, issues),
        WebhookSecret = reader.Text("webhook_secret", required: false, max: 255, mayBeEmpty: true),
    };

    private static Credentials ReadClient(Credentials credentials, ObjectReader reader) => credentials with
    {
        ClientId = reader.Text("client_id", required: true, max: 255),
        ClientSecret = reader.Text("client_secret", required: true),
    };

    private static Credentials ReadApp(Credentials credentials, ObjectReader reader, List<Issue> issues) => credentials with
    {
        AppId = reader.Text("app_id", required: true, max: 255),
        AppLink = reader.Text("app_link", required: true),
        PrivateKey = ReadPrivateKey(reader, issues),
    };

    private static string? ReadScopes(ObjectReader reader, List<Issue> issues)
    {
        if (reader.Take("scopes") is not { } value)
            return null;
        var scopes = value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
        if (scopes is null || scopes.Length > 0 && !Schemas.ScopesPattern().IsMatch(scopes))
            issues.Add(new("invalid_union", "Invalid input", reader.PathOf("scopes")));
        return scopes;
    }

    private static string? ReadPrivateKey(ObjectReader reader, List<Issue> issues)
    {
        var key = reader.Text("private_key", required: true, mayBeEmpty: true);
        if (key is null)
            return null;
        if (!key.StartsWith(Schemas.RsaHeader, StringComparison.Ordinal))
            issues.Add(new("invalid_format", $"Invalid string: must start with \"{Schemas.RsaHeader}\"", reader.PathOf("private_key")));
        if (!key.EndsWith(Schemas.RsaFooter, StringComparison.Ordinal))
            issues.Add(new("invalid_format", $"Invalid string: must end with \"{Schemas.RsaFooter}\"", reader.PathOf("private_key")));
        return key;
    }

    // Secrets stay out of whatever prints this record.
    private bool PrintMembers(System.Text.StringBuilder text)
    {
        text.Append("Type = ").Append(Type);
        return true;
    }
}
