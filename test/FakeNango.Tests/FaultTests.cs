using Microsoft.Extensions.Time.Testing;

namespace NangoOrleans.FakeNango.Tests;

public sealed class FaultTests
{
    [Theory]
    [InlineData(FaultPresets.DatabaseDown, 401, "malformed_auth_header")]
    [InlineData(FaultPresets.TokenRevoked, 401, "unknown_account")]
    [InlineData(FaultPresets.ServerError, 500, "server_error")]
    [InlineData(FaultPresets.Throttled, 429, "too_many_request")]
    public async Task A_preset_acts_on_all_routes_as_often_as_it_says(string preset, int status, string code)
    {
        await using var nango = await Nango.StartAsync();

        var put = await PutAsync(nango, $$"""{"preset":"{{preset}}","count":2}""");
        var list = await nango.GetAsync("/integrations");
        var create = await nango.PostAsync(Nango.Slack);
        var health = await nango.GetAsync("/health");
        var after = await nango.GetAsync("/integrations");

        Assert.Equal(204, put.Status);
        Assert.Equal((status, code), (list.Status, list.Code));
        Assert.Equal((status, code), (create.Status, create.Code));
        Assert.Equal((200, 200), (health.Status, after.Status));
        Assert.Empty(after.Data.AsArray());
    }

    [Fact]
    public async Task Throttled_tells_to_wait_zero_seconds()
    {
        await using var nango = await Nango.StartAsync();
        nango.Server.Faults.Add(FaultPresets.Throttled);

        var reply = await nango.GetAsync("/integrations");

        Assert.Equal("0", reply.Header("Retry-After"));
    }

    [Theory]
    [InlineData("/integrations/{anything}", false, true, false)]
    [InlineData("/integrations", true, true, false)]
    [InlineData("/integrations$", true, false, false)]
    [InlineData("/integrations/slack-1", false, true, false)]
    [InlineData("/integrations/slack", false, false, false)]
    [InlineData("/providers/{provider}", false, false, true)]
    [InlineData("/providers", false, false, true)]
    public async Task A_rule_selects_by_template_prefix_or_exact_path(string path, bool collection, bool item, bool provider)
    {
        await using var nango = await Nango.StartAsync();
        await nango.PostAsync(Nango.Slack);
        nango.Server.Faults.Set(new FaultRule { Path = path, Kind = FaultKind.Status, Status = 503 });

        Assert.Equal(collection, (await nango.GetAsync("/integrations")).Status == 503);
        Assert.Equal(item, (await nango.GetAsync("/integrations/slack-1")).Status == 503);
        Assert.Equal(provider, (await nango.GetAsync("/providers/slack")).Status == 503);
    }

    [Fact]
    public async Task A_rule_selects_by_method()
    {
        await using var nango = await Nango.StartAsync();
        nango.Server.Faults.Add(FaultPresets.ServerError, method: "post");

        Assert.Equal(200, (await nango.GetAsync("/integrations")).Status);
        Assert.Equal("Failed to create integration", (await nango.PostAsync(Nango.Slack)).Message);
    }

    [Fact]
    public async Task A_dropped_request_was_not_processed()
    {
        await using var nango = await Nango.StartAsync();
        nango.Server.Faults.Add(FaultPresets.Drop, count: 1);

        await Assert.ThrowsAsync<HttpRequestException>(() => nango.PostAsync(Nango.Slack));

        Assert.Equal(0, nango.Server.State.Environment().Count);
        var entry = Assert.Single(nango.Server.Journal.Entries());
        Assert.Equal((CallOutcome.Dropped, null), (entry.Outcome, entry.Status));
    }

    [Fact]
    public async Task A_lost_answer_was_processed()
    {
        await using var nango = await Nango.StartAsync();
        await PutAsync(nango, """[{"kind":"drop_after_response_commit","method":"POST","count":1}]""");

        await Assert.ThrowsAsync<HttpRequestException>(() => nango.PostAsync(Nango.Slack));
        var again = await nango.PostAsync(Nango.Slack);

        Assert.Equal("Unique key already exists", again.Message);
        var entry = nango.Server.Journal.Entries()[0];
        Assert.Equal((CallOutcome.Dropped, 200), (entry.Outcome, entry.Status));
    }

    [Fact]
    public async Task A_hanging_call_ends_in_500_after_the_statement_timeout()
    {
        var time = new FakeTimeProvider();
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, TimeProvider = time });
        nango.Server.Faults.Add(FaultPresets.Hang, count: 1);

        var call = nango.GetAsync("/integrations");
        await nango.Server.Journal.WaitForAsync(entry => entry.Outcome == CallOutcome.Pending, Nango.Cancellation);
        while (!call.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(60));
            await Task.Yield();
        }

        Assert.Equal((500, "server_error"), ((await call).Status, (await call).Code));
    }

    [Fact]
    public async Task A_caller_that_gives_up_during_a_delay_has_changed_nothing()
    {
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, TimeProvider = new FakeTimeProvider() });
        nango.Server.Faults.Set(new FaultRule { Kind = FaultKind.Delay, DelayMs = 60_000, Count = 1 });
        using var client = new HttpClient();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Nango.Cancellation);
        using var content = new StringContent(Nango.Slack, System.Text.Encoding.UTF8, "application/json");
        client.DefaultRequestHeaders.Authorization = new("Bearer", Nango.Token);

        var call = client.PostAsync(new Uri(nango.Server.BaseUrl + "/integrations"), content, giveUp.Token);
        await nango.Server.Journal.WaitForAsync(entry => entry.Outcome == CallOutcome.Pending, Nango.Cancellation);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await nango.Server.Journal.WaitForAsync(entry => entry.Outcome == CallOutcome.Abandoned, Nango.Cancellation);
        Assert.Equal(0, nango.Server.State.Environment().Count);
    }

    [Fact]
    public async Task A_delayed_answer_was_processed_before_the_caller_gave_up()
    {
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, TimeProvider = new FakeTimeProvider() });
        nango.Server.Faults.Set(new FaultRule { Kind = FaultKind.DelayAfterResponseCommit, DelayMs = 60_000, Count = 1 });

        var call = nango.PostAsync(Nango.Slack);
        var again = await RetryAsync(nango);

        Assert.Equal("Unique key already exists", again.Message);
        Assert.False(call.IsCompleted);
        await nango.Server.StopListeningAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }

    [Theory]
    [InlineData("malformed", 200, "application/json; charset=utf-8")]
    [InlineData("html", 200, "text/html; charset=utf-8")]
    [InlineData("empty", 200, null)]
    [InlineData("{\"data\":null}", 200, "application/json; charset=utf-8")]
    public async Task Unusable_bodies_can_be_served(string body, int status, string? contentType)
    {
        await using var nango = await Nango.StartAsync();
        nango.Server.Faults.Set(new FaultRule { Kind = FaultKind.Body, Body = body });

        var reply = await nango.GetAsync("/integrations/x");

        Assert.Equal((status, contentType), (reply.Status, reply.ContentType));
        Assert.True(body != "malformed" || reply.Text.EndsWith("trunc", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_huge_body_is_tens_of_megabytes()
    {
        await using var nango = await Nango.StartAsync();
        nango.Server.Faults.Set(new FaultRule { Kind = FaultKind.Body, Body = "huge" });

        var reply = await nango.GetAsync("/integrations/x");

        Assert.True(reply.Text.Length > 30_000_000);
    }

    [Fact]
    public async Task Own_status_body_and_headers_are_sent()
    {
        await using var nango = await Nango.StartAsync();
        await PutAsync(nango, """[{"kind":"status","status":503,"body":{"error":{"code":"x","message":"y"}},"headers":{"Retry-After":"7"}}]""");

        var reply = await nango.GetAsync("/integrations");

        Assert.Equal((503, "x", "7"), (reply.Status, reply.Code, reply.Header("Retry-After")));
    }

    [Fact]
    public async Task Probability_decides_per_call()
    {
        await using var nango = await Nango.StartAsync(new() { Token = Nango.Token, RandomSeed = 1 });
        nango.Server.Faults.Set(new FaultRule { Preset = FaultPresets.ServerError, Probability = 0.5 });

        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => nango.GetAsync("/integrations")));

        Assert.InRange(replies.Count(reply => reply.Status == 500), 25, 75);
        Assert.Equal(replies.Count(reply => reply.Status == 500), nango.Server.Faults.Active[0].Fired);
    }

    [Theory]
    [InlineData("""[{"preset":"nonesuch"}]""", "unknown preset")]
    [InlineData("""[{"kind":"explode"}]""", "")]
    [InlineData("""[{"kind":"status"}]""", "needs a status")]
    [InlineData("""[{"kind":"delay"}]""", "needs delay_ms")]
    [InlineData("""[{"preset":"drop","probability":2}]""", "probability")]
    [InlineData("""[{"preset":"drop","unknown":1}]""", "unknown")]
    [InlineData("nonsense", "")]
    public async Task An_unusable_rule_is_refused_and_changes_nothing(string rules, string message)
    {
        await using var nango = await Nango.StartAsync();
        nango.Server.Faults.Add(FaultPresets.Hang);

        var reply = await PutAsync(nango, rules);

        Assert.Equal(400, reply.Status);
        Assert.Contains(message, reply.Text, StringComparison.Ordinal);
        Assert.Equal(FaultPresets.Hang, Assert.Single(nango.Server.Faults.Active).Rule.Preset);
    }

    [Fact]
    public async Task Faults_are_listed_with_what_remains_and_deleted()
    {
        await using var nango = await Nango.StartAsync();
        await PutAsync(nango, """{"preset":"server-error","count":3}""");
        await nango.GetAsync("/integrations");

        var listed = await nango.GetAsync("/_faults", token: null);
        var deleted = await nango.SendAsync("DELETE", "/_faults", null, token: null);

        Assert.Equal((1, 2), ((int)listed.Json[0]!["fired"]!, (int)listed.Json[0]!["remaining"]!));
        Assert.Equal((204, 200), (deleted.Status, (await nango.GetAsync("/integrations")).Status));
    }

    private static Task<Reply> PutAsync(Nango nango, string rules) => nango.SendAsync("PUT", "/_faults", rules, token: null);

    // The delayed POST is journalled before it is processed, so its effect is awaited by asking.
    private static async Task<Reply> RetryAsync(Nango nango)
    {
        await nango.Server.Journal.WaitForAsync(entry => entry.Method == "POST", Nango.Cancellation);
        while (nango.Server.State.Environment().Count == 0)
            await Task.Yield();
        return await nango.PostAsync(Nango.Slack);
    }
}
