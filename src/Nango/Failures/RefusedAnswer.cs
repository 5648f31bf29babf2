using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <summary>What is known of an answer that is no success.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Error">Nango's error object; null when the body was not one.</param>
/// <param name="Wait">For 429: how long to wait.</param>
internal sealed record RefusedAnswer(int Status, ErrorData? Error = null, TimeSpan? Wait = null);

/// <summary>Answers other than success → failures, as observed of the real server. Pure; no text of an answer reaches a message.</summary>
internal static class RefusalClassifier
{
    /// <summary>How long to wait when a 429 does not say: Nango counts in windows of 60 s.</summary>
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(60);

    /// <summary>Whether the error body decides what a status means.</summary>
    public static bool NeedsBody(int status) => status is 400 or 401 or 403 or 404;

    /// <summary>Judges an answer.</summary>
    /// <returns>A failure; null when the refusal is an ordinary answer of this call.</returns>
    public static Failure? Classify(NangoCall call, RefusedAnswer answer)
    {
        var failure = answer.Status switch
        {
            400 when answer.Error is not null => RejectionClassifier.Classify(call, answer.Error),
            401 when answer.Error is not null => Unauthenticated(answer.Error),
            403 when answer.Error is not null => Forbidden(call),
            404 when answer.Error is not null => NotFound(call, answer.Error),
            408 => NangoFailures.Timeout(call),
            429 => Throttled(answer.Wait ?? RateWindow),
            >= 500 => ServerError(call, answer.Status),
            >= 300 and < 400 => NangoFailures.Unexpected(
                $"Nango's base URL answered with a redirect ({answer.Status}), which is never followed: correct spec.nango_base_url to where it leads."),
            _ => NangoFailures.Unexpected(
                $"The server answered {answer.Status} without Nango's error format: this is not Nango's API, or a proxy stands in between; check spec.nango_base_url."),
        };
        return failure is null ? null : failure with { StatusCode = answer.Status };
    }

    private static Failure Unauthenticated(ErrorData error) => error.Code switch
    {
        "missing_auth_header" or "invalid_secret_key_format" => NangoFailures.TokenMalformed,
        "malformed_auth_header" => new(
            FailureKind.Transient,
            Reasons.NangoUnavailable,
            "Nango cannot check the token because its database is away: it is tried again; if it lasts, look after the Nango server."),
        "plan_not_found" => new(
            FailureKind.Terminal, Reasons.TokenRefused, "Nango finds no plan for the account of spec.nango_token: complete the account in Nango, or use another key."),
        _ => new(
            FailureKind.Terminal,
            Reasons.TokenRefused,
            "Nango does not know the secret key in spec.nango_token (wrong, revoked, or of another server): copy a valid one from Environment Settings in Nango's dashboard."),
    };

    private static Failure? Forbidden(NangoCall call)
    {
        if (call.Tolerates(OrdinaryRefusals.Forbidden)) return null;
        var remedy = call.Scope is { } scope
            ? $"lacks the scope {scope}: add it to the key in Nango's dashboard, or use another key"
            : "is not a key of an environment: use one from Environment Settings in Nango's dashboard";
        return new(FailureKind.Terminal, Reasons.ScopeMissing, $"The secret key in spec.nango_token {remedy}.");
    }

    private static Failure? NotFound(NangoCall call, ErrorData error)
    {
        if (error.Code != "not_found") return NangoFailures.NotNango(404);
        // The integration is there, but its provider has left the catalogue. Any other text means that the object is not there, so
        // that a reworded message does not stop all work.
        if (call != NangoCall.Provider && error.Message?.StartsWith("Unknown provider", StringComparison.Ordinal) == true)
            return NangoFailures.UnknownProvider;
        return call.Tolerates(OrdinaryRefusals.NotFound) ? null : NangoFailures.NotNango(404);
    }

    private static Failure Throttled(TimeSpan wait) =>
        new(FailureKind.Throttled, Reasons.RateLimited, "Nango's request limit is used up: work goes on when it allows it again.", wait);

    private static Failure ServerError(NangoCall call, int status) => new(
        FailureKind.Transient,
        Reasons.ServerError,
        $"Nango answered with a server error ({status}): it is tried again; if it lasts, look after the Nango server and check spec for unusual values.")
    {
        OutcomeUnknown = call.IsWrite,
    };
}
