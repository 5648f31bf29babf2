using NangoOrleans.Nango;

namespace NangoOrleans.Grains.Tests.Builders;

internal static class A
{
    public const string BaseUrl = "https://api.nango.dev";
    public const string Token = "11111111-1111-4111-8111-111111111111";
    public const string OtherToken = "22222222-2222-4222-8222-222222222222";

    /// <summary>What Nango shows for <see cref="An.Integration"/> once it agrees.</summary>
    public static RemoteIntegration Remote { get; } = new()
    {
        UniqueKey = "slack-key",
        Provider = "slack",
        DisplayName = "Slack",
        ForwardWebhooks = true,
        CreatedAt = "2026-01-01T12:00:05.000Z",
        UpdatedAt = "2026-01-01T12:00:05.000Z",
        CredentialsReadable = true,
        Credentials = Credentials,
    };

    public static RemoteCredentials Credentials => new() { Type = "OAUTH2", ClientId = "the-id", ClientSecret = "the-secret" };

    public static NangoProvider Provider { get; } = new() { Name = "slack", DisplayName = "Slack", AuthMode = "OAUTH2" };
}
