using System.Net;
using NangoOrleans.Testing.ApiServer.Tests.Support;
using static NangoOrleans.Testing.ApiServer.Tests.Support.TestServer;

namespace NangoOrleans.Testing.ApiServer.Tests.Storage;

public sealed class ListTests
{
    [Fact]
    public async Task Pages_show_the_collection_as_it_was_at_the_first_page()
    {
        await using var server = await StartAsync();
        foreach (var name in (string[])["a", "b", "c", "d"])
        {
            await server.CreateAsync(Sample.Integration(name));
        }

        var first = await server.GetAsync(Integrations + "?limit=2");
        await server.OkAsync(HttpMethod.Delete, Integrations + "/d");
        await server.CreateAsync(Sample.Integration("e"));
        var second = await server.GetAsync($"{Integrations}?limit=2&continue={Uri.EscapeDataString(first.Text("metadata", "continue")!)}");

        Assert.Equal(["a", "b"], first.Names());
        Assert.Equal("2", first.Text("metadata", "remainingItemCount"));
        Assert.Equal(["c", "d"], second.Names());
        Assert.Equal(first.Version(), second.Version());
        Assert.Null(second.At("metadata", "continue"));
    }

    [Fact]
    public async Task A_continuation_expires_with_the_event_log()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));
        await server.CreateAsync(Sample.Integration("b"));
        var first = await server.GetAsync(Integrations + "?limit=1");
        await server.CreateAsync(Sample.Integration("c"));

        server.Api.Faults.CompactEventLog();
        var second = await server.SendAsync(HttpMethod.Get, $"{Integrations}?limit=1&continue={Uri.EscapeDataString(first.Text("metadata", "continue")!)}");

        Assert.Equal((HttpStatusCode.Gone, "Expired"), (second.Status, second.Answer.Text("reason")));
    }

    [Theory]
    [InlineData("labelSelector=i%3D1", "a")]
    [InlineData("labelSelector=i%20in%20(1,2)", "a,b")]
    [InlineData("labelSelector=i,i!%3D1", "b")]
    [InlineData("labelSelector=!i", "c")]
    [InlineData("labelSelector=i%20notin%20(1)", "b,c")]
    [InlineData("fieldSelector=metadata.name%3Dc", "c")]
    [InlineData("fieldSelector=spec.provider%3Dgithub", "b")]
    [InlineData("fieldSelector=spec.provider!%3Dgithub", "a,c")]
    public async Task Selectors_choose(string query, string expected)
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a", metadata: """{"labels":{"i":"1"}}"""));
        await server.CreateAsync(Sample.Integration("b", """{"provider":"github"}""", """{"labels":{"i":"2"}}"""));
        await server.CreateAsync(Sample.Integration("c"));

        var list = await server.GetAsync($"{Integrations}?{query}");

        Assert.Equal(expected, string.Join(',', list.Names()));
    }

    [Theory]
    [InlineData("fieldSelector=spec.zork%3D1", HttpStatusCode.BadRequest)]
    [InlineData("labelSelector=a%20b%20c", HttpStatusCode.BadRequest)]
    [InlineData("resourceVersion=abc", HttpStatusCode.BadRequest)]
    [InlineData("resourceVersion=999999", HttpStatusCode.GatewayTimeout)]
    [InlineData("resourceVersionMatch=Exact", HttpStatusCode.UnprocessableEntity)]
    [InlineData("limit=1&continue=abc", HttpStatusCode.BadRequest)]
    public async Task Bad_list_options_are_refused(string query, HttpStatusCode expected)
    {
        await using var server = await StartAsync();

        var (status, answer) = await server.SendAsync(HttpMethod.Get, $"{Integrations}?{query}");

        Assert.Equal((expected, "Failure"), (status, answer.Text("status")));
    }

    [Fact]
    public async Task Ten_thousand_objects_are_listed_whole_and_written_to_quickly()
    {
        await using var large = await StartAsync();
        await using var small = await StartAsync();
        await FillAsync(large, 10_000);
        await FillAsync(small, 500);

        var list = await large.GetAsync(Integrations);

        // In turn, so that other work on the machine slows both.
        var (inLarge, inSmall) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var i = 0; i < 500; i++)
        {
            inLarge.Add(await PatchAsync(large, i));
            inSmall.Add(await PatchAsync(small, i));
        }

        Assert.Equal(10_000, list.Names().Length);
        var (many, few) = (Median(inLarge), Median(inSmall));
        Assert.True(many < 5 * few, $"a status patch took {many} among 10,000 objects, and {few} among 500");
        TestContext.Current.SendDiagnosticMessage($"a status patch among 10,000 objects: {many.TotalMilliseconds} ms, among 500: {few.TotalMilliseconds} ms");
    }

    private static Task FillAsync(TestServer server, int count) => Parallel.ForAsync(
        0, count, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
            await server.CreateAsync(Sample.Integration($"n{i:d5}")));

    private static async Task<TimeSpan> PatchAsync(TestServer server, int i)
    {
        var started = TimeProvider.System.GetTimestamp();
        await server.MergeAsync($"{Integrations}/n{i:d5}/status", """{"status":{"status":"Created"}}""");
        return TimeProvider.System.GetElapsedTime(started);
    }

    private static TimeSpan Median(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);
}
