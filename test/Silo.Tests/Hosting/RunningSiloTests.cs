using System.Net;

namespace NangoOrleans.Hosting;

public sealed class RunningSiloTests(RunningSilo running) : IClassFixture<RunningSilo>
{
    [Theory]
    [InlineData("/healthz", "ok")]
    [InlineData("/metrics", "# TYPE dotnet_gc_collections_total counter")]
    [InlineData("/metrics", "orleans_catalog_activations")]
    [InlineData("/metrics", "nango_reconcile_waiting")]
    public async Task Http_port_serves_health_and_metrics(string path, string expected)
    {
        using var answer = await running.GetAsync("http", path);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(expected, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dashboard_port_serves_the_dashboard()
    {
        using var root = await running.GetAsync("dashboard", "/");
        using var page = await running.GetAsync("dashboard", "/dashboard/");
        using var counters = await running.GetAsync("dashboard", "/dashboard/DashboardCounters");

        Assert.Equal("/dashboard/", root.Headers.Location?.OriginalString);
        Assert.Contains("Orleans Dashboard", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, counters.StatusCode);
    }

    [Theory]
    [InlineData("http", "/dashboard/")]
    [InlineData("http", "/dashboard/DashboardCounters")]
    [InlineData("http", "/")]
    [InlineData("dashboard", "/healthz")]
    [InlineData("dashboard", "/readyz")]
    [InlineData("dashboard", "/metrics")]
    public async Task Neither_port_serves_what_belongs_to_the_other(string listener, string path)
    {
        using var answer = await running.GetAsync(listener, path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_host_header_does_not_lead_from_the_http_port_to_the_dashboard()
    {
        using var answer = await running.GetAsync("http", "/dashboard/", host: $"127.0.0.1:{running.Ports["dashboard"]}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Dashboard_refuses_a_foreign_host_name()
    {
        using var answer = await running.GetAsync("dashboard", "/dashboard/", host: "attacker.example");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task Dashboard_is_read_only_and_hides_the_trace()
    {
        using var post = await running.Client.PostAsync(new Uri($"http://127.0.0.1:{running.Ports["dashboard"]}/dashboard/"), content: null, TestContext.Current.CancellationToken);
        using var trace = await running.GetAsync("dashboard", "/dashboard/Trace");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, trace.StatusCode);
    }

    [Fact]
    public async Task Log_and_ports_file_announce_the_same_ports()
    {
        var ports = running.Ports;
        var line = $"Listening http={ports["http"]} dashboard={ports["dashboard"]} silo={ports["silo"]} gateway={ports["gateway"]}";

        Assert.Equal(["dashboard", "gateway", "http", "silo"], ports.Keys.Order());
        Assert.All(ports.Values, port => Assert.InRange(port, 1, 65535));
        await running.Silo.UntilOutputAsync(line, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Start_logs_json_without_warnings_and_without_the_token()
    {
        Assert.All(running.Silo.Output, line => Assert.StartsWith("{\"Timestamp\":", line, StringComparison.Ordinal));
        Assert.DoesNotContain(running.Silo.Output, line => line.Contains("\"LogLevel\":\"Warning\"", StringComparison.Ordinal) && !TellsOfASlowMachine(line));
        Assert.DoesNotContain(running.Silo.Output, line => line.Contains(RunningSilo.SecretToken, StringComparison.Ordinal));
        Assert.Empty(running.Silo.Error);
    }

    // What Orleans and Kestrel say when they were not given the processor for some seconds.
    private static bool TellsOfASlowMachine(string line) =>
        ((string[])["\"Category\":\"Orleans.Runtime.MembershipService.LocalSiloHealthMonitor\"", "took elapsed time", "the heartbeat has been running for"])
        .Any(words => line.Contains(words, StringComparison.Ordinal));
}
