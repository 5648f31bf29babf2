using System.Text.Json;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <summary>
/// 400 → failure. Nango has no codes that tell its rules apart, so its texts are compared with a closed table; what a user reads is
/// always a text of ours, and the only parts taken from an answer are names of fields that we know.
/// </summary>
internal static class RejectionClassifier
{
    private static readonly (string Text, string Reason, string Message)[] Rules =
    [
        ("Invalid provider", Reasons.UnknownProvider, NangoFailures.UnknownProvider.Message),
        ("Missing credentials", Reasons.CredentialsMismatch,
            "This provider needs credentials of your own app: add spec.credentials with the provider's auth mode as its type."),
        ("incompatible credentials auth type and provider auth", Reasons.CredentialsMismatch,
            "spec.credentials.type is not the provider's auth mode: set it to that, or remove spec.credentials where the mode takes none."),
        ("invalid credentials object", Reasons.CredentialsMismatch,
            "spec.credentials is not of a form that Nango takes: its type must be OAUTH1, OAUTH2, TBA, APP or CUSTOM with that type's fields, and providers of any other auth mode take no credentials."),
        ("This provider does not accept integration configuration", Reasons.Rejected,
            "This provider takes no integration configuration: remove spec.integration_config."),
        ("This provider uses integration_config; set its values there instead of custom", Reasons.Rejected,
            "This provider takes its settings from integration_config: move the values of spec.custom to spec.integration_config."),
    ];

    private static readonly string[] ConfigurationTexts = ["Unknown field ", " is required", " must be one of: ", " has an invalid format"];

    private static readonly Dictionary<string, string> Fields = new(StringComparer.Ordinal)
    {
        ["unique_key"] = "spec.unique_key must be 1 to 255 letters, digits or ~ : . @ _ - and blanks",
        ["uniqueKey"] = "spec.unique_key must be 1 to 255 letters, digits or ~ : . @ _ - and blanks",
        ["provider"] = "spec.provider must be a name from Nango's catalogue",
        ["providerConfigKey"] = "spec.unique_key must be 1 to 255 letters, digits or ~ : . @ _ - and blanks",
        ["display_name"] = "spec.display_name must have 1 to 255 characters",
        ["forward_webhooks"] = "spec.forward_webhooks must be true or false",
        ["integration_config"] = "spec.integration_config must hold strings of at most 8192 characters",
        ["custom"] = "spec.custom must hold strings",
        ["credentials"] = "spec.credentials must have exactly the fields of its type",
        ["credentials.type"] = "spec.credentials.type must be OAUTH1, OAUTH2, TBA, APP or CUSTOM",
        ["credentials.client_id"] = "spec.credentials.client_id must have 1 to 255 characters",
        ["credentials.client_secret"] = "spec.credentials.client_secret must not be empty",
        ["credentials.scopes"] = "spec.credentials.scopes must be separated by commas without blanks",
        ["credentials.webhook_secret"] = "spec.credentials.webhook_secret must have at most 255 characters",
        ["credentials.app_id"] = "spec.credentials.app_id must have 1 to 255 characters",
        ["credentials.app_link"] = "spec.credentials.app_link must have 1 to 255 characters",
        ["credentials.private_key"] =
            "spec.credentials.private_key must begin with -----BEGIN RSA PRIVATE KEY----- (PKCS#1) and end with its last line, without a line break after it",
    };

    /// <summary>Judges a 400.</summary>
    /// <returns>A failure; null for a duplicate where that is an ordinary answer.</returns>
    public static Failure? Classify(NangoCall call, ErrorData error) => error.Code switch
    {
        "invalid_body" => Body(call, error),
        "invalid_uri_params" => Rejected(call == NangoCall.Provider ? Fields["provider"] : Fields["unique_key"]),
        "invalid_query_params" => NangoFailures.Unexpected("Nango does not know a parameter that the operator sent: update the Nango server."),
        _ => NangoFailures.Unexpected("Nango could not read what the operator sent: check for a proxy in between that changes requests."),
    };

    private static Failure? Body(NangoCall call, ErrorData error)
    {
        List<ErrorItem> items = [.. error.Errors?.OfType<ErrorItem>() ?? []];
        string[] texts = [.. items.Select(item => item.Message).Prepend(error.Message).OfType<string>()];
        if (call.Tolerates(OrdinaryRefusals.Duplicate) && texts.Contains("Unique key already exists", StringComparer.Ordinal)) return null;
        foreach (var rule in Rules)
        {
            if (texts.Contains(rule.Text, StringComparer.Ordinal)) return new(FailureKind.Terminal, rule.Reason, rule.Message);
        }

        var problems = items.Select(Describe).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        if (problems.Count > 0) return Rejected(string.Join("; ", problems));
        if (error.Message is { } message && ConfigurationTexts.Any(text => message.Contains(text, StringComparison.Ordinal)))
            return Rejected("spec.integration_config does not fit what the provider declares: correct its names and values");
        return Rejected("Nango refuses the resource by a rule that the operator does not know: compare spec with what Nango's documentation says about this provider");
    }

    private static string? Describe(ErrorItem item)
    {
        if (item.Code == "unrecognized_keys") return DescribeUnrecognized(item);
        var path = Names(item);
        return path.Count == 0
            ? null
            : Fields.GetValueOrDefault(string.Join('.', path)) ?? Fields.GetValueOrDefault(path[0]);
    }

    // An older server refuses fields it does not know; within credentials also those of another type. The text quotes the names we sent.
    private static string DescribeUnrecognized(ErrorItem item)
    {
        var prefix = Names(item) is ["credentials", ..] ? "credentials." : "";
        var unknown = Fields.Keys
            .Where(field => field.StartsWith(prefix, StringComparison.Ordinal) && !field[prefix.Length..].Contains('.'))
            .Where(field => item.Message?.Contains($"\"{field[prefix.Length..]}\"", StringComparison.Ordinal) == true)
            .Select(field => $"spec.{field}")
            .ToList();
        return unknown.Count > 0
            ? $"Nango does not take {string.Join(", ", unknown)} here: remove it, or update the Nango server"
            : "Nango does not know a field that was sent: remove the optional fields of spec one by one, or update the Nango server";
    }

    private static List<string> Names(ErrorItem item) =>
        [.. (item.Path ?? []).Select(step => step.ValueKind == JsonValueKind.String ? step.GetString()! : "")];

    private static Failure Rejected(string message) => new(FailureKind.Terminal, Reasons.Rejected, message + ".");
}
