using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <summary>Failures with their texts: one sentence, the remedy in terms of the spec.</summary>
internal static class NangoFailures
{
    public static Failure TokenMalformed { get; } = new(
        FailureKind.Terminal,
        Reasons.TokenMalformed,
        "spec.nango_token is not a Nango secret key: a key is a UUID v4, copied from Environment Settings in Nango's dashboard.");

    public static Failure UnknownProvider { get; } = new(
        FailureKind.Terminal,
        Reasons.UnknownProvider,
        "Nango's catalogue has no such provider: correct spec.provider, or update the Nango server.");

    public static Failure Timeout(NangoCall call) => new(
        FailureKind.Transient, Reasons.Timeout, "Nango did not answer in time: it is tried again; if it lasts, look after the Nango server and the network.")
    {
        OutcomeUnknown = call.IsWrite,
    };

    /// <summary>No connection came about, so nothing was sent.</summary>
    /// <param name="cause">End of the sentence's first half; a word of our own or an error code.</param>
    public static Failure NotConnected(string cause) => new(
        FailureKind.Transient, Reasons.Unreachable, $"Nango could not be reached ({cause}): it is tried again; if it lasts, check spec.nango_base_url and the network.");

    public static Failure ConnectionBroke(NangoCall call) => new(
        FailureKind.Transient, Reasons.Unreachable, "The connection to Nango broke before the answer was complete: it is tried again; if it lasts, check the network and proxies.")
    {
        OutcomeUnknown = call.IsWrite,
    };

    public static Failure NotNango(int status) => Unexpected(
        $"The server answered {status} in a form that Nango does not use: this is not Nango's API, check spec.nango_base_url.") with
    { StatusCode = status };

    /// <summary>No JSON of the expected shape, or no HTTP at all; a write may well have been carried out.</summary>
    public static Failure Malformed(NangoCall call) =>
        Unexpected("The answer is not of the form that Nango gives: check spec.nango_base_url and proxies in between.") with { OutcomeUnknown = call.IsWrite };

    public static Failure Unexpected(string message) => new(FailureKind.Terminal, Reasons.UnexpectedAnswer, message);

    /// <summary>A success whose body cannot be used; a write may well have been carried out.</summary>
    public static Failure UnusableSuccess(NangoCall call, int status, string message) => Unexpected(message) with
    {
        StatusCode = status,
        OutcomeUnknown = call.IsWrite,
    };
}
