using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Faults;
using NangoOrleans.Testing.ApiServer.Tests.Support;
using static NangoOrleans.Testing.ApiServer.Tests.Support.TestServer;

namespace NangoOrleans.Testing.ApiServer.Tests.Faults;

public sealed class FaultTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_watches_end(bool abruptly)
    {
        await using var server = await StartAsync();
        using var watch = await server.WatchAsync("resourceVersion=" + server.Api.ResourceVersion);

        Assert.Equal(1, server.Api.Faults.CutWatches(abruptly));

        if (abruptly)
        {
            await Assert.ThrowsAnyAsync<IOException>(watch.NextAsync);
        }
        else
        {
            Assert.Null(await watch.NextAsync());
        }
    }

    [Fact]
    public async Task The_next_watches_expire_in_either_way_and_then_no_more()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));
        server.Api.Faults.ExpireNextWatches(1, WatchExpiry.HttpStatus);
        server.Api.Faults.ExpireNextWatches(1, WatchExpiry.ErrorEvent);

        using var asStatus = await server.WatchAsync();
        using var asEvent = await server.WatchAsync();
        using var healthy = await server.WatchAsync();

        Assert.Equal(HttpStatusCode.Gone, asStatus.Response.StatusCode);
        Assert.Equal("410", (await asEvent.RequireAsync("ERROR")).Object.Text("code"));
        await healthy.RequireAsync("ADDED");
    }

    [Theory]
    [InlineData(StallPoint.AfterHeaders)]
    [InlineData(StallPoint.HalfBody)]
    public async Task A_stalled_list_goes_on_when_the_faults_are_cleared(StallPoint where)
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));
        server.Api.Faults.StallLists(1, where);

        using var response = await server.Client.GetAsync(new Uri(Integrations, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        var body = response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        await Task.WhenAny(body, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken));
        var wasStalled = !body.IsCompleted;
        server.Api.Faults.Clear();

        Assert.True(wasStalled);
        Assert.Equal(["a"], JsonNode.Parse(await body)!.Names());
    }

    [Fact]
    public async Task Answers_are_replaced_by_verb_and_resource_as_often_as_said()
    {
        await using var server = await StartAsync();
        server.Api.Faults.Add(new FaultRule { Verb = "create", Resource = "nangointegrations", Count = 2, Status = 429, RetryAfterSeconds = 7 });

        var first = await server.Client.PostAsync(new Uri(Integrations, UriKind.Relative), Body(Sample.Integration("a")), TestContext.Current.CancellationToken);
        await server.GetAsync(Integrations);
        var second = await server.SendAsync(HttpMethod.Post, Integrations, Sample.Integration("a"));
        await server.CreateAsync(Sample.Integration("a"));

        Assert.Equal((HttpStatusCode)429, first.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), first.Headers.RetryAfter?.Delta);
        Assert.Equal("TooManyRequests", second.Answer.Text("reason"));
    }

    [Fact]
    public async Task A_request_may_take_effect_although_its_answer_is_lost()
    {
        await using var server = await StartAsync();
        server.Api.Faults.Add(new FaultRule { Verb = "create", Count = 1, AfterEffect = true, Drop = true });

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => server.SendAsync(HttpMethod.Post, Integrations, Sample.Integration("a")));

        await server.GetAsync(Integrations + "/a");
    }

    [Fact]
    public async Task A_delay_holds_the_answer_back()
    {
        await using var server = await StartAsync();
        server.Api.Faults.Add(new FaultRule { Verb = "list", Count = 1, DelayMilliseconds = 300 });

        var started = TimeProvider.System.GetTimestamp();
        await server.GetAsync(Integrations);

        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(290));
    }

    [Fact]
    public async Task Faults_with_a_probability_strike_some_requests()
    {
        await using var server = await StartAsync();
        server.Api.Faults.Add(new FaultRule { Verb = "get", Probability = 0.5, Status = 500 });

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 40; i++)
        {
            statuses.Add((await server.SendAsync(HttpMethod.Get, Integrations + "/a")).Status);
        }

        Assert.Contains(HttpStatusCode.InternalServerError, statuses);
        Assert.Contains(HttpStatusCode.NotFound, statuses);
    }

    [Fact]
    public async Task Faults_can_be_set_over_http()
    {
        await using var server = await StartAsync();
        using var watch = await server.WatchAsync("resourceVersion=" + server.Api.ResourceVersion);

        var put = await server.OkAsync(HttpMethod.Put, "/_faults", JsonNode.Parse("""{"rules":[{"verb":"get","resource":"nangointegrations","count":1,"status":503}],"cutWatches":true,"compactEventLog":true}"""));
        var struck = await server.SendAsync(HttpMethod.Get, Integrations + "/a");
        var bad = await server.SendAsync(HttpMethod.Put, "/_faults", JsonNode.Parse("""{"zork":1}"""));

        Assert.Equal("1", put.Text("cutWatches"));
        Assert.Null(await watch.NextAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, struck.Status);
        Assert.Equal(HttpStatusCode.BadRequest, bad.Status);
        Assert.Empty(server.Api.Faults.Rules);
    }

    [Fact]
    public async Task The_journal_counts_writes()
    {
        await using var server = await StartAsync();
        server.Api.Journal.Clear();

        await server.CreateAsync(Sample.Integration("a"));
        await server.GetAsync(Integrations);
        await server.MergeAsync(Integrations + "/a/status", """{"status":{"status":"x"}}""");
        await server.SendAsync(HttpMethod.Post, Integrations, Sample.Integration("a"));

        var writes = server.Api.Journal.Entries(mutating: true);
        Assert.Equal(["create nangointegrations 201", "patch nangointegrations/status 200", "create nangointegrations 409"], writes.Select(e => $"{e.Verb} {e.Resource} {e.Status}"));
        Assert.Equal(4, server.Api.Journal.Entries().Count);
        var overHttp = await server.GetAsync("/_journal?mutating=true&verb=patch");
        Assert.Equal("test-client/1", Assert.Single((JsonArray)overHttp["entries"]!).Text("userAgent"));
    }

    private static StringContent Body(JsonObject item) => new(item.ToJsonString(), Encoding.UTF8, "application/json");
}
