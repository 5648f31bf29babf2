using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango.Tests;

public sealed class OddAnswerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Calls.Names), MemberType = typeof(Calls))]
    public async Task A_web_page_is_not_nango(string call)
    {
        await using var server = await OddServer.StartAsync(200, "<!doctype html>canary", "text/html");

        var failure = await FailureAsync(server, call);

        AssertUnexpected(failure, call, 200);
    }

    [Theory, MemberData(nameof(Calls.Names), MemberType = typeof(Calls))]
    public async Task Broken_json_is_not_nango(string call)
    {
        await using var server = await OddServer.StartAsync(200, """{"data": canary""");

        var failure = await FailureAsync(server, call);

        AssertUnexpected(failure, call, 200);
    }

    [Theory, MemberData(nameof(Calls.Names), MemberType = typeof(Calls))]
    public async Task Json_without_the_expected_members_is_not_nango(string call)
    {
        await using var server = await OddServer.StartAsync(200, """{"canary":true}""");

        var failure = await FailureAsync(server, call);

        AssertUnexpected(failure, call, 200);
    }

    [Theory]
    [InlineData("""{"data":{"unique_key":"github-1"}}""")]
    [InlineData("""{"data":{"created_at":"2026-01-01T00:00:00.000Z"}}""")]
    [InlineData("""{"data":{"unique_key":"another","created_at":"2026-01-01T00:00:00.000Z"}}""")]
    [InlineData("""{"data":{"unique_key":null,"created_at":"2026-01-01T00:00:00.000Z"}}""")]
    [InlineData("""{"data":[{"unique_key":"github-1","created_at":"2026-01-01T00:00:00.000Z"}]}""")]
    [InlineData("""{"data":{"unique_key":"github-1","created_at":"x","forward_webhooks":"yes"}}""")]
    [InlineData("null")]
    [InlineData("")]
    public async Task Integrations_without_identity_are_not_accepted(string body)
    {
        foreach (var call in (string[])["get", "create", "update", "list"])
        {
            await using var server = await OddServer.StartAsync(200, call == "list" ? body.Replace("[", "", StringComparison.Ordinal) : body);

            var failure = await FailureAsync(server, call);

            AssertUnexpected(failure, call, 200);
        }
    }

    [Fact]
    public async Task A_list_with_one_row_without_identity_is_not_accepted()
    {
        await using var server = await OddServer.StartAsync(200, """{"data":[{"unique_key":"a","created_at":"x"},{"unique_key":"b"}]}""");

        AssertUnexpected(await FailureAsync(server, "list"), "list", 200);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirects_are_not_followed_and_carry_the_token_nowhere(int status)
    {
        await using var elsewhere = await OddServer.StartAsync(200, """{"data":[]}""");
        await using var server = await OddServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = elsewhere.BaseUrl + "/integrations";
            return Task.CompletedTask;
        });

        foreach (var call in Calls.All.Keys)
        {
            var failure = await FailureAsync(server, call);

            Assert.Equal((FailureKind.Terminal, Reasons.UnexpectedAnswer, status), (failure.Kind, failure.Reason, failure.StatusCode));
            Assert.Contains("redirect", failure.Message, StringComparison.Ordinal);
        }

        Assert.Empty(elsewhere.Seen);
    }

    [Theory]
    [InlineData("get", false)]
    [InlineData("get", true)]
    [InlineData("list", false)]
    [InlineData("list", true)]
    public async Task Endless_answers_are_cut_off_at_the_limit(string call, bool withLength)
    {
        const int Limit = 64 * 1024;
        await using var server = await OddServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            if (withLength) context.Response.ContentLength = 1L << 40;
            await context.Response.WriteAsync("{\"x\":\"", context.RequestAborted);
            var chunk = new byte[16 * 1024];
            Array.Fill(chunk, (byte)'x');
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
        });

        var failure = await FailureAsync(server, call, options => (options.MaxResponseBytes, options.MaxListResponseBytes) = (Limit, Limit));

        Assert.Equal((FailureKind.Terminal, Reasons.UnexpectedAnswer), (failure.Kind, failure.Reason));
        Assert.Contains(Limit.ToString(CultureInfo.InvariantCulture), failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endless_error_bodies_do_not_hold_up_the_verdict()
    {
        await using var server = await OddServer.StartAsync(async context =>
        {
            context.Response.StatusCode = 404;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{\"error\":{\"code\":\"", context.RequestAborted);
            var chunk = new byte[16 * 1024];
            Array.Fill(chunk, (byte)'x');
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
        });

        var failure = await FailureAsync(server, "get");

        Assert.Equal((FailureKind.Terminal, Reasons.UnexpectedAnswer, 404), (failure.Kind, failure.Reason, failure.StatusCode));
    }

    [Theory]
    [InlineData("get", true)]
    [InlineData("create", true)]
    [InlineData("create", false)]
    [InlineData("delete", false)]
    public async Task A_stalled_answer_ends_at_the_time_limit(string call, bool stallInBody)
    {
        var time = new FakeTimeProvider();
        var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await OddServer.StartAsync(async context =>
        {
            if (stallInBody)
            {
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("{\"data\":", context.RequestAborted);
            }

            stalled.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        var (host, client) = ClientHost.For(server, options => options.RequestTimeout = options.ConnectTimeout = TimeSpan.FromSeconds(15), time);
        await using var _ = host;

        var running = ClientHost.FailureOfAsync(() => Calls.All[call](client, Stop));
        await stalled.Task.WaitAsync(Stop);
        time.Advance(TimeSpan.FromSeconds(14.9));
        Assert.False(running.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));
        var failure = await running;

        Assert.Equal((FailureKind.Transient, Reasons.Timeout), (failure.Kind, failure.Reason));
        Assert.Equal(Calls.IsWrite(call), failure.OutcomeUnknown);
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_no_failure()
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using var server = await OddServer.StartAsync(async context =>
        {
            await caller.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        });
        var (host, client) = ClientHost.For(server);
        await using var _ = host;

        var thrown = await Assert.ThrowsAsync<OperationCanceledException>(() => client.ListAsync(caller.Token));

        Assert.Equal(caller.Token, thrown.CancellationToken);
    }

    [Theory, MemberData(nameof(Calls.Names), MemberType = typeof(Calls))]
    public async Task A_connection_dropped_before_the_answer_leaves_the_outcome_of_writes_unknown(string call)
    {
        await using var server = await OddServer.StartAsync(context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        var failure = await FailureAsync(server, call);

        Assert.Equal((FailureKind.Transient, Reasons.Unreachable), (failure.Kind, failure.Reason));
        Assert.Equal(Calls.IsWrite(call), failure.OutcomeUnknown);
    }

    [Theory, MemberData(nameof(Calls.Names), MemberType = typeof(Calls))]
    public async Task A_connection_dropped_within_the_answer_leaves_the_outcome_of_writes_unknown(string call)
    {
        await using var server = await OddServer.StartAsync(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("{\"data\":", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            context.Abort();
        });

        var failure = await FailureAsync(server, call);

        Assert.Equal((FailureKind.Transient, Reasons.Unreachable), (failure.Kind, failure.Reason));
        Assert.Equal(Calls.IsWrite(call), failure.OutcomeUnknown);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("update")]
    public async Task Writes_with_a_body_are_sent_once_even_over_a_used_connection(string call)
    {
        await using var server = await OddServer.StartAsync(async context =>
        {
            if (context.Request.Method == "GET")
            {
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync("""{"data":[]}""", context.RequestAborted);
                return;
            }

            context.Abort();
        });
        var (host, client) = ClientHost.For(server);
        await using var _ = host;
        await client.ListAsync(Stop);

        await ClientHost.FailureOfAsync(() => Calls.All[call](client, Stop));

        Assert.Single(server.Seen, seen => seen.Method != "GET");
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task Server_errors_are_never_repeated_by_the_client(int status)
    {
        foreach (var call in Calls.All.Keys)
        {
            await using var server = await OddServer.StartAsync(status, "canary", "text/plain");

            var failure = await FailureAsync(server, call);

            Assert.Equal((FailureKind.Transient, Reasons.ServerError, status), (failure.Kind, failure.Reason, failure.StatusCode));
            Assert.Equal(Calls.IsWrite(call), failure.OutcomeUnknown);
            Assert.Single(server.Seen);
        }
    }

    [Theory]
    [InlineData("Retry-After", "34", 35)]
    [InlineData("Retry-After", "0", 1)]
    [InlineData("X-RateLimit-Reset", "soon", 60)]
    [InlineData("X-Other", "1", 60)]
    public async Task A_429_says_how_long_to_wait(string header, string value, int seconds)
    {
        await using var server = await OddServer.StartAsync(context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers[header] = value;
            return Task.CompletedTask;
        });

        foreach (var call in Calls.All.Keys)
        {
            var failure = await FailureAsync(server, call);

            Assert.Equal((FailureKind.Throttled, Reasons.RateLimited, 429), (failure.Kind, failure.Reason, failure.StatusCode));
            Assert.Equal(TimeSpan.FromSeconds(seconds), failure.RetryAfter);
            Assert.False(failure.OutcomeUnknown);
        }
    }

    [Fact]
    public async Task A_list_larger_than_the_limit_of_single_answers_is_read()
    {
        var rows = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $$"""{"unique_key":"k{{i}}","provider":"github","created_at":"2026-01-01T00:00:00.000Z","x":[1]}"""));
        await using var server = await OddServer.StartAsync(200, $$"""{"data":[{{rows}}]}""");
        var (host, client) = ClientHost.For(server);
        await using var _ = host;

        var list = await client.ListAsync(Stop);

        Assert.True(rows.Length > 1 << 20, "longer than MaxResponseBytes");
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"k{i}"), list.Select(row => row.UniqueKey));
        Assert.All(list, row => Assert.False(row.CredentialsReadable));
    }

    [Fact]
    public async Task A_catalogue_entry_without_auth_mode_is_no_provider()
    {
        await using var server = await OddServer.StartAsync(200, """{"data":{"name":"constructor"}}""");
        var (host, client) = ClientHost.For(server);
        await using var _ = host;

        Assert.Null(await client.GetProviderAsync("constructor", Stop));
    }

    private static async Task<Failure> FailureAsync(OddServer server, string call, Action<NangoClientOptions>? configure = null)
    {
        var (host, client) = ClientHost.For(server, configure);
        await using var _ = host;
        return await ClientHost.FailureOfAsync(() => Calls.All[call](client, Stop));
    }

    private static void AssertUnexpected(Failure failure, string call, int status)
    {
        Assert.Equal((FailureKind.Terminal, Reasons.UnexpectedAnswer, status), (failure.Kind, failure.Reason, failure.StatusCode));
        Assert.Contains("spec.nango_base_url", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(Calls.IsWrite(call), failure.OutcomeUnknown);
    }
}
