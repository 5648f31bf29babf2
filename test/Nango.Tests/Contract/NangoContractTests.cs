using System.Globalization;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango.Tests;

/// <summary>What the operator relies on, against any Nango (see <see cref="ContractServer"/>).</summary>
public sealed class NangoContractTests(ContractServer server) : IClassFixture<ContractServer>
{
    private readonly INangoClient _client = server.Client;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static RemoteCredentials OAuth2 { get; } = new() { Type = "OAUTH2", ClientId = "cid", ClientSecret = "sec", Scopes = "repo,user:email" };

    [Fact]
    public async Task A_created_integration_is_read_back_as_it_was_sent()
    {
        var key = server.NewKey();

        var created = await _client.CreateAsync(GitHub(key) with { ForwardWebhooks = false }, Stop);

        var found = await _client.GetAsync(key, includeCredentials: true, Stop);
        Assert.Equal((key, "github", "Contract", (bool?)false), (found!.UniqueKey, found.Provider, found.DisplayName, found.ForwardWebhooks));
        Assert.Equal(OAuth2, found.Credentials);
        Assert.True(found.CredentialsReadable);
        Assert.Equal((created!.CreatedAt, created.UpdatedAt), (found.CreatedAt, found.UpdatedAt));
        Assert.True(DateTimeOffset.TryParse(found.CreatedAt, out _));
        var slim = await _client.GetAsync(key, includeCredentials: false, Stop);
        Assert.Equal((found.CreatedAt, null, false), (slim!.CreatedAt, slim.Credentials, slim.CredentialsReadable));
        var row = Assert.Single(await _client.ListAsync(Stop), row => row.UniqueKey == key);
        Assert.Equal((found.CreatedAt, found.UpdatedAt, found.DisplayName), (row.CreatedAt, row.UpdatedAt, row.DisplayName));
    }

    [Fact]
    public async Task A_key_is_created_once()
    {
        var key = server.NewKey();
        var first = await _client.CreateAsync(GitHub(key), Stop);

        var second = await _client.CreateAsync(GitHub(key) with { DisplayName = "Second" }, Stop);

        Assert.Null(second);
        var found = await _client.GetAsync(key, includeCredentials: false, Stop);
        Assert.Equal((first!.CreatedAt, "Contract"), (found!.CreatedAt, found.DisplayName));
    }

    [Fact]
    public async Task Of_concurrent_creates_one_wins_and_no_other_claims_to()
    {
        var key = server.NewKey();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                return await _client.CreateAsync(GitHub(key), Stop) is null ? "taken" : "created";
            }
            catch (FailureException e) when (e.Failure is { Reason: Reasons.ServerError, OutcomeUnknown: true })
            {
                return "unknown";
            }
        }));

        Assert.Single(answers, "created");
    }

    [Fact]
    public async Task What_is_not_there_is_an_answer_and_no_failure()
    {
        var key = server.NewKey();

        Assert.Null(await _client.GetAsync(key, includeCredentials: true, Stop));
        Assert.Null(await _client.UpdateAsync(key, new() { DisplayName = "x" }, Stop));
        Assert.False(await _client.DeleteAsync(key, Stop));
    }

    [Fact]
    public async Task A_look_up_says_by_nangos_own_clock_when_a_key_was_absent_and_what_came_after_is_not_older()
    {
        var key = server.NewKey();

        var absent = await _client.LookUpAsync(key, Stop);
        var created = await _client.CreateAsync(GitHub(key), Stop);
        var present = await _client.LookUpAsync(key, Stop);

        Assert.Null(absent.Integration);
        Assert.Equal(created!.CreatedAt, present.Integration!.CreatedAt);
        var createdAt = DateTimeOffset.Parse(created.CreatedAt, CultureInfo.InvariantCulture);
        Assert.True(absent.AnsweredAt <= createdAt, $"absent at {absent.AnsweredAt:O}, created at {createdAt:O}");
        // Whole seconds, and servers renew the header once a second, or later on a busy machine.
        Assert.True(present.AnsweredAt >= createdAt.AddSeconds(-30), $"present at {present.AnsweredAt:O}, created at {createdAt:O}");
        Assert.False(present.Integration.CredentialsReadable);
    }

    [Fact]
    public async Task An_update_changes_what_it_names_and_keeps_the_identity()
    {
        var key = server.NewKey();
        var created = await _client.CreateAsync(GitHub(key), Stop);

        var renamed = await _client.UpdateAsync(key, new() { DisplayName = "Renamed", ForwardWebhooks = false }, Stop);
        var rotated = await _client.UpdateAsync(key, new() { Credentials = OAuth2 with { ClientSecret = "new", Scopes = null } }, Stop);

        Assert.Equal((created!.CreatedAt, "Renamed", (bool?)false), (renamed!.CreatedAt, renamed.DisplayName, renamed.ForwardWebhooks));
        Assert.Equal(created.CreatedAt, rotated!.CreatedAt);
        var found = await _client.GetAsync(key, includeCredentials: true, Stop);
        Assert.Equal(("Renamed", rotated.UpdatedAt), (found!.DisplayName, found.UpdatedAt));
        Assert.Equal(OAuth2 with { ClientSecret = "new" }, found.Credentials);
    }

    [Fact]
    public async Task An_integration_made_again_has_another_identity()
    {
        var key = server.NewKey();
        var first = await _client.CreateAsync(GitHub(key), Stop);

        Assert.True(await _client.DeleteAsync(key, Stop));
        Assert.Null(await _client.GetAsync(key, includeCredentials: false, Stop));
        var second = await _client.CreateAsync(GitHub(key), Stop);

        Assert.NotEqual(first!.CreatedAt, second!.CreatedAt);
    }

    [Theory]
    [InlineData(" a@b:c~d.e_f-G")]
    [InlineData("..")]
    public async Task Every_character_that_nango_allows_in_a_key_survives_the_way(string suffix)
    {
        var key = server.NewKey(suffix);

        Assert.Equal(key, (await _client.CreateAsync(GitHub(key), Stop))!.UniqueKey);
        Assert.Equal(key, (await _client.GetAsync(key, includeCredentials: true, Stop))!.UniqueKey);
        Assert.Equal("x", (await _client.UpdateAsync(key, new() { DisplayName = "x" }, Stop))!.DisplayName);
        Assert.Equal(0, await _client.CountConnectionsAsync(key, Stop));
        Assert.True(await _client.DeleteAsync(key, Stop));
    }

    [Fact]
    public async Task Modes_without_credentials_show_null_and_say_that_it_is_readable()
    {
        var key = server.NewKey();
        await _client.CreateAsync(new() { UniqueKey = key, Provider = "stripe", DisplayName = "Stripe" }, Stop);

        var found = await _client.GetAsync(key, includeCredentials: true, Stop);

        Assert.Equal((null, true), (found!.Credentials, found.CredentialsReadable));
    }

    [Fact]
    public async Task The_catalogue_tells_providers_and_their_auth_modes()
    {
        Assert.Equal("OAUTH2", (await _client.GetProviderAsync("github", Stop))!.AuthMode);
        Assert.Null(await _client.GetProviderAsync("no-such-provider", Stop));
        Assert.Null(await _client.GetProviderAsync("constructor", Stop));
        Assert.Contains("github", await _client.ListProviderNamesAsync(Stop));
    }

    [Fact]
    public Task Missing_credentials_are_told() => AssertRefusedAsync(GitHub("") with { Credentials = null }, Reasons.CredentialsMismatch, "spec.credentials");

    [Fact]
    public Task Credentials_of_another_type_are_told() => AssertRefusedAsync(
        GitHub("") with { Credentials = OAuth2 with { Type = "OAUTH1" } }, Reasons.CredentialsMismatch, "spec.credentials.type");

    [Fact]
    public Task Credentials_that_the_mode_does_not_take_are_told() => AssertRefusedAsync(
        new() { UniqueKey = "", Provider = "stripe", Credentials = OAuth2 }, Reasons.CredentialsMismatch, "spec.credentials");

    [Fact]
    public Task Credentials_of_a_type_that_nango_does_not_know_are_told() => AssertRefusedAsync(
        GitHub("") with { Credentials = OAuth2 with { Type = "API_KEY" } }, Reasons.CredentialsMismatch, "spec.credentials");

    [Fact]
    public Task Unknown_providers_are_told() => AssertRefusedAsync(
        GitHub("") with { Provider = "no-such-provider" }, Reasons.UnknownProvider, "spec.provider");

    [Fact]
    public Task Scopes_with_blanks_are_told() => AssertRefusedAsync(
        GitHub("") with { Credentials = OAuth2 with { Scopes = "c4n4ry b" } }, Reasons.Rejected, "spec.credentials.scopes");

    [Fact]
    public Task Client_ids_that_are_too_long_are_told() => AssertRefusedAsync(
        GitHub("") with { Credentials = OAuth2 with { ClientId = "c4n4ry" + new string('x', 255) } }, Reasons.Rejected, "spec.credentials.client_id");

    [Fact]
    public Task Display_names_that_are_too_long_are_told() => AssertRefusedAsync(
        GitHub("") with { DisplayName = "c4n4ry" + new string('x', 255) }, Reasons.Rejected, "spec.display_name");

    [Fact]
    public Task Private_keys_of_the_wrong_form_are_told() => AssertRefusedAsync(
        new()
        {
            UniqueKey = "",
            Provider = "github-app",
            Credentials = new() { Type = "APP", AppId = "1", AppLink = "https://example.com", PrivateKey = "-----BEGIN PRIVATE KEY-----\nc4n4ry\n-----END PRIVATE KEY-----" },
        },
        Reasons.Rejected,
        "spec.credentials.private_key");

    [Fact]
    public Task Fields_of_another_type_are_told() => AssertRefusedAsync(
        GitHub("") with { Credentials = OAuth2 with { AppId = "c4n4ry" } }, Reasons.Rejected, "spec.credentials.app_id");

    [Fact]
    public Task Configuration_that_a_provider_does_not_take_is_told() => AssertRefusedAsync(
        GitHub("") with { IntegrationConfig = Map("k", "c4n4ry") }, Reasons.Rejected, "spec.integration_config");

    [Fact]
    public Task Configuration_that_does_not_fit_is_told() => AssertRefusedAsync(
        new() { UniqueKey = "", Provider = "private-api-generic", IntegrationConfig = Map("c4n4ry", "c4n4ry") }, Reasons.Rejected, "spec.integration_config");

    [Fact]
    public Task Custom_settings_in_the_wrong_place_are_told() => AssertRefusedAsync(
        new() { UniqueKey = "", Provider = "private-api-generic", Custom = Map("k", "c4n4ry") }, Reasons.Rejected, "spec.custom");

    [Theory]
    [InlineData("nango_sk_0123456789", Reasons.TokenMalformed)]
    [InlineData("0c4ca2a6-58c9-4f6e-8b4d-3d1f0a8c7e55", Reasons.TokenRefused)]
    public async Task Tokens_that_nango_does_not_take_are_told(string token, string reason)
    {
        var client = server.ClientWith(token);

        var failure = await ClientHost.FailureOfAsync(() => client.ListAsync(Stop));

        Assert.Equal((FailureKind.Terminal, reason, 401), (failure.Kind, failure.Reason, failure.StatusCode));
    }

    [Fact]
    public async Task A_path_where_nango_is_not_is_told()
    {
        var failure = await ClientHost.FailureOfAsync(() => server.ClientAt("/no-such-path").ListAsync(Stop));

        Assert.Equal((FailureKind.Terminal, Reasons.UnexpectedAnswer), (failure.Kind, failure.Reason));
        Assert.Contains("spec.nango_base_url", failure.Message, StringComparison.Ordinal);
    }

    private static CreateIntegration GitHub(string key) => new() { UniqueKey = key, Provider = "github", DisplayName = "Contract", Credentials = OAuth2 };

    private static Dictionary<string, string> Map(string key, string value) => new(StringComparer.Ordinal) { [key] = value };

    private async Task AssertRefusedAsync(CreateIntegration request, string reason, string named)
    {
        var key = server.NewKey();

        var failure = await ClientHost.FailureOfAsync(() => _client.CreateAsync(request with { UniqueKey = key }, Stop));

        Assert.Equal((FailureKind.Terminal, reason, 400, false), (failure.Kind, failure.Reason, failure.StatusCode, failure.OutcomeUnknown));
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c4n4ry", failure.Message, StringComparison.Ordinal);
        Assert.Null(await _client.GetAsync(key, includeCredentials: false, Stop));
    }
}
