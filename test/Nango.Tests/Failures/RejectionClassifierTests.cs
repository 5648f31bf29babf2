using System.Text.Json;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango.Tests;

public sealed class RejectionClassifierTests
{
    [Fact]
    public void A_duplicate_is_an_answer_to_a_create_only()
    {
        var error = Schema("invalid_string", "Unique key already exists", "uniqueKey");

        Assert.Null(RejectionClassifier.Classify(NangoCall.Create, error));
        Assert.Equal(Reasons.Rejected, RejectionClassifier.Classify(NangoCall.Update, error)!.Reason);
    }

    [Theory]
    [InlineData("Missing credentials", Reasons.CredentialsMismatch, "add spec.credentials")]
    [InlineData("incompatible credentials auth type and provider auth", Reasons.CredentialsMismatch, "spec.credentials.type")]
    [InlineData("invalid credentials object", Reasons.CredentialsMismatch, "OAUTH1, OAUTH2, TBA, APP or CUSTOM")]
    [InlineData("Invalid provider", Reasons.UnknownProvider, "spec.provider")]
    [InlineData("This provider does not accept integration configuration", Reasons.Rejected, "remove spec.integration_config")]
    [InlineData("This provider uses integration_config; set its values there instead of custom", Reasons.Rejected, "spec.custom")]
    [InlineData("Unknown field canary, Key name is required, Base URL is required", Reasons.Rejected, "spec.integration_config")]
    [InlineData("Key placement must be one of: header, query, Base URL has an invalid format", Reasons.Rejected, "spec.integration_config")]
    [InlineData("canary", Reasons.Rejected, "spec")]
    public void Business_rules_are_told_in_our_own_words(string text, string reason, string remedy)
    {
        ErrorData[] shapes = text.Contains("canary", StringComparison.Ordinal) || text.Contains("Key placement", StringComparison.Ordinal)
            ? [new("invalid_body", text, null)]
            : [new("invalid_body", text, null), Schema("custom", text, "credentials", "type")];
        foreach (var shape in shapes)
        {
            var failure = RejectionClassifier.Classify(NangoCall.Create, shape)!;

            Assert.Equal((FailureKind.Terminal, reason), (failure.Kind, failure.Reason));
            Assert.Contains(remedy, failure.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("canary", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("spec.credentials.scopes", "credentials", "scopes")]
    [InlineData("spec.credentials.client_id", "credentials", "client_id")]
    [InlineData("spec.credentials.client_secret", "credentials", "client_secret")]
    [InlineData("spec.credentials.private_key", "credentials", "private_key")]
    [InlineData("spec.credentials.app_link", "credentials", "app_link")]
    [InlineData("spec.credentials ", "credentials", "canary")]
    [InlineData("spec.credentials ", "credentials")]
    [InlineData("spec.unique_key", "unique_key")]
    [InlineData("spec.unique_key", "uniqueKey")]
    [InlineData("spec.display_name", "display_name")]
    [InlineData("spec.integration_config", "integration_config", "canary")]
    [InlineData("spec.custom", "custom", "canary")]
    public void Schema_errors_name_the_field_and_nothing_of_its_value(string field, params string[] path)
    {
        var failure = RejectionClassifier.Classify(NangoCall.Create, Schema("invalid_format", "canary: Invalid input", path))!;

        Assert.Equal((FailureKind.Terminal, Reasons.Rejected), (failure.Kind, failure.Reason));
        Assert.StartsWith(field, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("canary")]
    [InlineData("")]
    [InlineData("credentials.client_id.canary")]
    public void Unknown_fields_of_an_answer_are_not_repeated(string path)
    {
        var failure = RejectionClassifier.Classify(NangoCall.Create, Schema("invalid_type", "canary", path))!;

        Assert.Equal(Reasons.Rejected, failure.Reason);
        Assert.DoesNotContain("canary", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_fields_are_told_together_and_each_once()
    {
        var error = new ErrorData("invalid_body", null, [Item("too_small", "x", "display_name"), null, Item("too_small", "y", "display_name"), Item("too_big", "z", "credentials", "client_id")]);

        var failure = RejectionClassifier.Classify(NangoCall.Create, error)!;

        Assert.Equal("spec.display_name must have 1 to 255 characters; spec.credentials.client_id must have 1 to 255 characters.", failure.Message);
    }

    [Theory]
    [InlineData("Unrecognized keys: \"custom\", \"canary\"", "spec.custom")]
    [InlineData("Unrecognized key: \"canary\"", "optional fields")]
    [InlineData("Unrecognized key: \"app_id\"", "spec.credentials.app_id", "credentials")]
    [InlineData("Unrecognized keys: \"app_id\", \"canary\"", "spec.credentials.app_id", "credentials")]
    public void Fields_that_an_older_server_does_not_know_are_named(string text, string named, params string[] path)
    {
        var failure = RejectionClassifier.Classify(NangoCall.Create, Schema("unrecognized_keys", text, path))!;

        Assert.Equal(Reasons.Rejected, failure.Reason);
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", failure.Message, StringComparison.Ordinal);
    }

    private static ErrorData Schema(string code, string message, params string[] path) => new("invalid_body", null, [Item(code, message, path)]);

    private static ErrorItem Item(string code, string message, params string[] path) =>
        new(code, message, [.. path.Select(step => JsonSerializer.SerializeToElement(step))]);
}
