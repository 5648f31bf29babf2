using NangoOrleans.Failures;

namespace NangoOrleans.Nango.Tests;

public sealed class RefusalClassifierTests
{
    private static readonly Dictionary<string, NangoCall> ByName = new(StringComparer.Ordinal)
    {
        ["get"] = NangoCall.Get,
        ["list"] = NangoCall.List,
        ["create"] = NangoCall.Create,
        ["update"] = NangoCall.Update,
        ["delete"] = NangoCall.Delete,
        ["connections"] = NangoCall.Connections,
        ["provider"] = NangoCall.Provider,
        ["providers"] = NangoCall.Providers,
    };

    public static TheoryData<int, string?, string, FailureKind, string> AnyCall => new()
    {
        { 401, "missing_auth_header", "", FailureKind.Terminal, Reasons.TokenMalformed },
        { 401, "invalid_secret_key_format", "", FailureKind.Terminal, Reasons.TokenMalformed },
        { 401, "unknown_account", "", FailureKind.Terminal, Reasons.TokenRefused },
        { 401, "plan_not_found", "", FailureKind.Terminal, Reasons.TokenRefused },
        { 401, "added_later", "", FailureKind.Terminal, Reasons.TokenRefused },
        { 401, "malformed_auth_header", "", FailureKind.Transient, Reasons.NangoUnavailable },
        { 400, "invalid_json", "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 400, "invalid_query_params", "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 400, "invalid_uri_params", "", FailureKind.Terminal, Reasons.Rejected },
        { 400, "invalid_body", "something new", FailureKind.Terminal, Reasons.Rejected },
        { 404, "Not Found", "does not exist", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 400, null, "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 401, null, "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 403, null, "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 404, null, "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 304, null, "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 405, null, "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 407, null, "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 413, null, "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 415, "invalid_content_type", "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 418, null, "", FailureKind.Terminal, Reasons.UnexpectedAnswer },
        { 408, null, "", FailureKind.Transient, Reasons.Timeout },
        { 429, "too_many_request", "", FailureKind.Throttled, Reasons.RateLimited },
        { 429, null, "", FailureKind.Throttled, Reasons.RateLimited },
        { 500, "server_error", "Failed to create integration", FailureKind.Transient, Reasons.ServerError },
        { 500, "generic_error_support", "", FailureKind.Transient, Reasons.ServerError },
        { 503, null, "", FailureKind.Transient, Reasons.ServerError },
        { 599, null, "", FailureKind.Transient, Reasons.ServerError },
    };

    public static TheoryData<string> CallNames => [.. ByName.Keys];

    [Theory, MemberData(nameof(AnyCall))]
    public void Status_and_code_decide_for_every_call(int status, string? code, string message, FailureKind kind, string reason)
    {
        foreach (var call in ByName.Values)
        {
            var failure = RefusalClassifier.Classify(call, new(status, code is null ? null : new ErrorData(code, message, null)))!;

            Assert.Equal((kind, reason, status), (failure.Kind, failure.Reason, failure.StatusCode));
            Assert.Equal(call.IsWrite && (status >= 500 || status == 408), failure.OutcomeUnknown);
            Assert.Equal(kind == FailureKind.Throttled ? TimeSpan.FromSeconds(60) : null, failure.RetryAfter);
            Assert.EndsWith(".", failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("get", "environment:integrations:read")]
    [InlineData("list", "environment:integrations:list")]
    [InlineData("create", "environment:integrations:create")]
    [InlineData("update", "environment:integrations:update")]
    [InlineData("delete", "environment:integrations:delete")]
    [InlineData("provider", "key of an environment")]
    [InlineData("providers", "key of an environment")]
    public void A_missing_scope_is_named_from_our_own_table(string call, string named)
    {
        var error = new ErrorData("forbidden", "Insufficient scope. Required: canary", null);

        var failure = RefusalClassifier.Classify(ByName[call], new(403, error))!;

        Assert.Equal((FailureKind.Terminal, Reasons.ScopeMissing, 403), (failure.Kind, failure.Reason, failure.StatusCode));
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Connections_that_may_not_be_listed_are_no_failure() =>
        Assert.Null(RefusalClassifier.Classify(NangoCall.Connections, new(403, new ErrorData("forbidden", "", null))));

    [Theory, MemberData(nameof(CallNames))]
    public void Absence_is_an_answer_where_one_object_was_asked_for(string call)
    {
        var error = new ErrorData("not_found", "Integration \"github-1\" does not exist", null);

        var failure = RefusalClassifier.Classify(ByName[call], new(404, error));

        if (call is "get" or "update" or "delete" or "provider") Assert.Null(failure);
        else Assert.Equal(Reasons.UnexpectedAnswer, failure!.Reason);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("update")]
    [InlineData("delete")]
    public void An_integration_whose_provider_left_the_catalogue_is_not_absent(string call)
    {
        var failure = RefusalClassifier.Classify(ByName[call], new(404, new ErrorData("not_found", "Unknown provider github", null)))!;

        Assert.Equal((FailureKind.Terminal, Reasons.UnknownProvider), (failure.Kind, failure.Reason));
    }

    [Fact]
    public void An_unknown_provider_that_was_asked_for_is_absent() =>
        Assert.Null(RefusalClassifier.Classify(NangoCall.Provider, new(404, new ErrorData("not_found", "Unknown provider github", null))));

    [Fact]
    public void The_token_message_tells_what_a_key_looks_like()
    {
        var failure = RefusalClassifier.Classify(NangoCall.List, new(401, new ErrorData("invalid_secret_key_format", null, null)))!;

        Assert.Equal("spec.nango_token is not a Nango secret key: a key is a UUID v4, copied from Environment Settings in Nango's dashboard.", failure.Message);
    }
}
