namespace NangoOrleans.FakeNango;

/// <summary>Who calls: either a key or the 401 to answer.</summary>
internal readonly record struct Caller(ApiKey? Key, Answer? Refusal);

/// <summary>Reads the Authorization header the way Nango does (nango-api §1, §6).</summary>
internal static class Authenticator
{
    private const string Scheme = "Bearer ";

    public static Caller Authenticate(string? header, NangoState state)
    {
        if (string.IsNullOrEmpty(header))
            return new(null, Errors.Unauthorized("missing_auth_header", "Authentication failed. The request is missing the Authorization header."));
        var secret = SecretIn(header);
        if (!ApiKey.IsUuidV4(secret))
            return new(null, Errors.Unauthorized("invalid_secret_key_format", "Authentication failed. The provided secret key is not a UUID v4."));
        return state.FindKey(secret) is { } key ? new(key, null) : new(null, Errors.UnknownAccount());
    }

    // A bare key works too; any other scheme is left in place and then fails as a malformed UUID.
    public static string SecretIn(string header)
    {
        var scheme = header.LastIndexOf(Scheme, StringComparison.Ordinal);
        return scheme < 0 ? header : header[(scheme + Scheme.Length)..];
    }
}
