using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Integrations.Validation;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations.Validation;

public sealed class IntegrationValidatorTests
{
    private const string Canary = "canary-4711";

    private static readonly SensitiveValue Literal = SensitiveValue.FromLiteral(Canary);

    [Fact]
    public void A_valid_spec_has_no_problem_redacted_or_not()
    {
        Assert.Empty(IntegrationValidator.Check(An.Integration().Build().Spec!));
        Assert.Empty(IntegrationValidator.Check(An.Integration().Build().Spec!.Redact()));
    }

    public static TheoryData<string?, string> UniqueKeys => new()
    {
        { null, "is missing" },
        { "", "is missing" },
        { new string('k', 256), "at most 255" },
        { "a/b", "characters that Nango refuses" },
        { "clé", "characters that Nango refuses" },
        { ".", "cannot be addressed" },
        { "..", "cannot be addressed" },
        { " a", "blank: remove it" },
        { "a ", "blank: remove it" },
    };

    [Theory]
    [MemberData(nameof(UniqueKeys))]
    public void A_unique_key_that_Nango_would_refuse_is_refused(string? key, string remedy) => AssertOne("spec.unique_key", remedy, s => s with { UniqueKey = key });

    [Theory]
    [InlineData("a")]
    [InlineData("A~b:c.d@e_f-g h")]
    [InlineData("...")]
    public void A_unique_key_that_Nango_takes_is_taken(string key) => Assert.Empty(Check(s => s with { UniqueKey = key }));

    [Theory]
    [InlineData(null, "is missing")]
    [InlineData("", "is missing")]
    [InlineData("sl/ack", "use letters, digits")]
    [InlineData("slack oauth", "use letters, digits")]
    public void A_provider_that_cannot_be_one_is_refused(string? provider, string remedy) => AssertOne("spec.provider", remedy, s => s with { Provider = provider });

    public static TheoryData<string?, string> DisplayNames => new()
    {
        { null, "is missing" },
        { "", "is missing" },
        { new string('x', 256), "at most 255" },
        { string.Concat(Enumerable.Repeat("🙂", 128)), "has 256 UTF-16 units" },
        { "a\0b", "NUL character" },
    };

    [Theory]
    [MemberData(nameof(DisplayNames))]
    public void A_display_name_that_Nango_would_refuse_is_refused(string? name, string remedy) => AssertOne("spec.display_name", remedy, s => s with { DisplayName = name });

    [Fact]
    public void The_longest_names_are_taken() => Assert.Empty(Check(s => s with { UniqueKey = new string('k', 255), DisplayName = new string('x', 255) }));

    public static TheoryData<string, string[], string[]> Types => new()
    {
        { "OAUTH1", ["client_id", "client_secret"], ["webhook_secret", "scopes"] },
        { "OAUTH2", ["client_id", "client_secret"], ["webhook_secret", "scopes"] },
        { "TBA", ["client_id", "client_secret"], ["webhook_secret", "scopes"] },
        { "APP", ["app_id", "app_link", "private_key"], [] },
        { "CUSTOM", ["client_id", "client_secret", "app_id", "app_link", "private_key"], [] },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_needs_its_own_fields_and_takes_no_others(string type, string[] required, string[] optional)
    {
        var complete = required.Aggregate(new IntegrationCredentials { Type = type }, With);

        Assert.Empty(Problems(complete));
        Assert.All(required, field => AssertSingle($"spec.credentials.{field}", $"type {type} needs it", Problems(required.Where(r => r != field).Aggregate(new IntegrationCredentials { Type = type }, With))));
        Assert.All(optional, field => Assert.Empty(Problems(With(complete, field))));
        Assert.All(
            AllFields.Except([.. required, .. optional], StringComparer.Ordinal),
            field => AssertSingle($"spec.credentials.{field}", "remove it", Problems(With(complete, field))));
    }

    [Theory]
    [InlineData(null, "is missing: use the provider's auth mode")]
    [InlineData("oauth2", "must be one of OAUTH1, OAUTH2, TBA, APP, CUSTOM")]
    [InlineData("API_KEY", "leave credentials out")]
    public void A_type_that_is_none_is_refused_with_those_that_are(string? type, string remedy) =>
        AssertOne("spec.credentials.type", remedy, s => s with { Credentials = s.Credentials! with { Type = type } });

    [Fact]
    public void A_whole_Secret_may_hold_the_required_fields()
    {
        Assert.Empty(Problems(new IntegrationCredentials { Type = "OAUTH2", SecretRef = new SecretReference { Name = "app" } }));
        AssertSingle("spec.credentials.secret_ref.name", "is empty", Problems(new IntegrationCredentials { Type = "OAUTH2", SecretRef = new SecretReference() }));
    }

    [Theory]
    [InlineData("a, b")]
    [InlineData("a b")]
    [InlineData(",a")]
    [InlineData("a,,b")]
    public void Scopes_that_Nango_would_refuse_are_refused(string scopes) =>
        AssertOne("spec.credentials.scopes", "separated by commas without blanks", s => s with { Credentials = s.Credentials! with { Scopes = scopes } });

    [Fact]
    public void Scopes_that_are_URLs_are_taken() =>
        Assert.Empty(Check(s => s with { Credentials = s.Credentials! with { Scopes = "https://www.googleapis.com/auth/drive.readonly,chat:write" } }));

    [Theory]
    [InlineData("$(OTHER)")]
    [InlineData("$(nango_token)")]
    public void Only_one_placeholder_has_a_meaning(string token) =>
        AssertOne("spec.nango_token", "use a secretKeyRef", s => s with { NangoToken = SensitiveValue.FromLiteral(token) });

    [Fact]
    public void The_placeholder_of_the_default_credential_and_no_token_at_all_are_taken()
    {
        Assert.Empty(Check(s => s with { NangoToken = SensitiveValue.FromLiteral("$(NANGO_TOKEN)") }));
        Assert.Empty(Check(s => s with { NangoToken = null }));
    }

    [Fact]
    public void A_value_of_no_known_shape_is_refused_with_what_is_wrong_with_it()
    {
        AssertOne("spec.nango_token", "has both", s => s with { NangoToken = SensitiveValue.Malformed("has both value and secretKeyRef: keep one of them") });
        AssertOne("spec.credentials.client_id", "is a JSON list", s => s with { Credentials = s.Credentials! with { ClientId = SensitiveValue.Malformed("is a JSON list: write a string") } });
    }

    [Fact]
    public void A_reference_to_an_environment_excludes_token_and_base_url_of_ones_own()
    {
        var reference = new EnvironmentReference { Kind = "NangoEnvironment", Name = "e" };

        Assert.Empty(Check(s => s with { NangoToken = null, EnvironmentRef = reference }));
        AssertOne("spec.environment_ref", "excludes", s => s with { EnvironmentRef = reference });
        AssertOne("spec.environment_ref", "excludes", s => s with { NangoToken = null, NangoBaseUrl = A.BaseUrl, EnvironmentRef = reference });
        AssertOne("spec.environment_ref.kind", "neither", s => s with { NangoToken = null, EnvironmentRef = reference with { Kind = "Environment" } });
        AssertOne("spec.environment_ref.name", "missing", s => s with { NangoToken = null, EnvironmentRef = reference with { Name = "" } });
    }

    [Fact]
    public void A_resync_interval_is_a_duration_of_at_least_a_minute()
    {
        Assert.Empty(Check(s => s with { ResyncInterval = "1h30m" }));
        AssertOne("spec.resync_interval", "shorter than a minute", s => s with { ResyncInterval = "30s" });
        AssertOne("spec.resync_interval", "no duration", s => s with { ResyncInterval = "often" });
    }

    [Fact]
    public void The_first_problem_becomes_the_failure_and_the_others_are_counted_and_named()
    {
        var failure = FieldProblem.ToFailure(Check(s => s with { UniqueKey = null, Provider = null, DisplayName = null }));

        Assert.Equal((FailureKind.Terminal, Reasons.InvalidSpec), (failure.Kind, failure.Reason));
        Assert.StartsWith("spec.unique_key is missing", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith("(2 more: spec.provider, spec.display_name)", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("client_id", "")]
    [InlineData("client_secret", null)]
    public void A_required_value_that_turns_out_empty_is_refused(string field, string? value) =>
        AssertSingle($"spec.credentials.{field}", "is empty or missing", CredentialsRules.CheckValues(Value(A.Credentials, field, value)));

    [Theory]
    [InlineData("client_id")]
    [InlineData("webhook_secret")]
    public void A_value_longer_than_Nango_takes_is_refused(string field) =>
        AssertSingle($"spec.credentials.{field}", "is longer than 255 characters", CredentialsRules.CheckValues(Value(A.Credentials, field, new string('x', 256))));

    [Fact]
    public void A_value_with_a_NUL_is_refused() =>
        AssertSingle("spec.credentials.client_id", "NUL character", CredentialsRules.CheckValues(A.Credentials with { ClientId = "a\0" }));

    [Theory]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", true)]
    [InlineData("-----BEGIN PRIVATE KEY-----\ncanary-4711\n-----END PRIVATE KEY-----", false)]
    [InlineData("canary-4711", false)]
    public void A_private_key_is_RSA_in_PEM_form(string key, bool valid)
    {
        var problems = CredentialsRules.CheckValues(new RemoteCredentials { Type = "APP", AppId = "1", AppLink = "https://example.com", PrivateKey = key });

        if (valid) Assert.Empty(problems);
        else AssertSingle("spec.credentials.private_key", "openssl", problems);
    }

    [Fact]
    public void No_message_quotes_a_sensitive_value()
    {
        var everything = new IntegrationCredentials { Type = "APP", ClientId = Literal, ClientSecret = Literal, WebhookSecret = Literal, AppId = Literal, PrivateKey = Literal };
        var values = new RemoteCredentials { Type = "CUSTOM", ClientId = Canary + "\0", ClientSecret = "", AppId = Canary + new string('x', 300), WebhookSecret = Canary + "\0", PrivateKey = Canary };
        FieldProblem[] problems =
        [
            .. Check(s => s with { Credentials = everything, NangoToken = SensitiveValue.FromLiteral($"$({Canary})") }),
            .. CredentialsRules.CheckValues(values),
        ];

        Assert.True(problems.Length > 8);
        Assert.DoesNotContain(problems, p => p.ToString().Contains(Canary, StringComparison.Ordinal));
    }

    private static readonly string[] AllFields = ["client_id", "client_secret", "webhook_secret", "app_id", "private_key", "scopes", "app_link"];

    private static IntegrationCredentials With(IntegrationCredentials credentials, string field) => field switch
    {
        "client_id" => credentials with { ClientId = Literal },
        "client_secret" => credentials with { ClientSecret = Literal },
        "webhook_secret" => credentials with { WebhookSecret = Literal },
        "app_id" => credentials with { AppId = Literal },
        "private_key" => credentials with { PrivateKey = Literal },
        "scopes" => credentials with { Scopes = "a,b" },
        "app_link" => credentials with { AppLink = "https://example.com" },
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };

    private static RemoteCredentials Value(RemoteCredentials credentials, string field, string? value) => field switch
    {
        "client_id" => credentials with { ClientId = value },
        "client_secret" => credentials with { ClientSecret = value },
        "webhook_secret" => credentials with { WebhookSecret = value },
        _ => throw new ArgumentOutOfRangeException(nameof(field)),
    };

    private static IReadOnlyList<FieldProblem> Check(Func<NangoIntegrationSpec, NangoIntegrationSpec> change) => IntegrationValidator.Check(change(An.Integration().Build().Spec!));

    private static IReadOnlyList<FieldProblem> Problems(IntegrationCredentials credentials) => Check(s => s with { Credentials = credentials });

    private static void AssertOne(string field, string remedy, Func<NangoIntegrationSpec, NangoIntegrationSpec> change) => AssertSingle(field, remedy, Check(change));

    private static void AssertSingle(string field, string remedy, IEnumerable<FieldProblem> problems)
    {
        var problem = Assert.Single(problems);
        Assert.Equal((field, Reasons.InvalidSpec), (problem.Field, problem.Reason));
        Assert.Contains(remedy, problem.Remedy, StringComparison.Ordinal);
    }
}
