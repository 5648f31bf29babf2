using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NangoOrleans.Scenarios.Rights;
using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Scenarios.Access;

/// <summary>The dashboard on all addresses of the machine: the real API server decides who sees it.</summary>
public sealed class DashboardAccessScenarios(OpenDashboard open) : IClassFixture<OpenDashboard>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/dashboard/")]
    [InlineData("/dashboard/DashboardCounters")]
    [InlineData("/dashboard/Reminders/1")]
    [InlineData("/dashboard/index.min.js")]
    [InlineData("/")]
    [InlineData("/nothing-here")]
    public async Task Without_a_token_nothing_is_shown(string path)
    {
        var world = await open.GetAsync(Ct);

        foreach (var header in (string?[])[null, "Bearer", "Bearer ", "Bearer  \t", "Basic YWRtaW46YWRtaW4=", "Bearer not-a-token", "Bearer a b"])
        {
            using var answer = await GetAsync(world, path, header);

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
            Assert.Equal("Show a bearer token of this Kubernetes cluster.\n", await answer.Content.ReadAsStringAsync(Ct));
        }
    }

    [Fact]
    public async Task A_service_account_sees_the_dashboard_when_a_role_says_so_and_not_before()
    {
        var world = await open.GetAsync(Ct);
        var (viewer, stranger) = (await TokenOfAsync(world, "viewer"), await TokenOfAsync(world, "stranger"));
        await world.ApplyAsync($$"""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: dashboard-viewer}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: nango-integration-operator-dashboard-viewer-role}
            subjects: [{kind: ServiceAccount, name: viewer, namespace: {{world.Namespace}} }]
            """, Ct);
        await world.UntilAsync(async () => await StatusOfAsync(world, "/dashboard/", viewer) == HttpStatusCode.OK, Ct);

        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync(world, "/dashboard/DashboardCounters", viewer));
        using var refused = await GetAsync(world, "/dashboard/DashboardCounters", $"Bearer {stranger}");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal("You may not get the non-resource URL /dashboard of this Kubernetes cluster.\n", await refused.Content.ReadAsStringAsync(Ct));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusOfAsync(world, "/dashboard/", Falsify(viewer)));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync(world, "/dashboard/Trace", viewer));
        Assert.DoesNotContain(world.Silo.Output, line => line.Contains(viewer, StringComparison.Ordinal) || line.Contains(stranger, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_right_that_is_taken_away_ends_and_only_reading_is_possible()
    {
        var world = await open.GetAsync(Ct);
        var token = await TokenOfAsync(world, "leaver");
        await world.ApplyAsync($$"""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: leaver}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
            subjects: [{kind: ServiceAccount, name: leaver, namespace: {{world.Namespace}} }]
            """, Ct);
        await world.UntilAsync(async () => await StatusOfAsync(world, "/dashboard/", token) == HttpStatusCode.OK, Ct);

        using var post = new HttpRequestMessage(HttpMethod.Post, new Uri(world.Silo.Dashboard, "/dashboard/"));
        post.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await open.Http.SendAsync(post, Ct);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        await world.DeletePathAsync("apis/rbac.authorization.k8s.io/v1/clusterrolebindings/leaver", Ct);
        await world.UntilAsync(async () => await StatusOfAsync(world, "/dashboard/", token) == HttpStatusCode.Forbidden, Ct);
    }

    [Fact]
    public async Task Metrics_and_health_need_no_token_and_name_no_resource()
    {
        var world = await open.GetAsync(Ct);
        await world.ApplyAsync(Manifest.Slack("metric-name", "metric-key"), Ct);
        await world.UntilAsync("metric-name", s => s.IsReady, Ct);

        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri(world.Silo.Http, "/metrics"), Ct);

        Assert.Contains("nango_request_duration", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("metric-name", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("metric-key", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(world.Namespace, metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_component_gives_the_right_to_ask_and_no_other()
    {
        var world = await open.GetAsync(Ct);
        await StatusOfAsync(world, "/dashboard/", await TokenOfAsync(world, "somebody"));

        var asked = GrantedRights.NeededBy(world.Proxy.Passed.Where(request => request.Resource.EndsWith("reviews", StringComparison.Ordinal)));

        Assert.Equal(GrantedRights.Read(OpenDashboard.ReviewerRole), asked);
    }

    private async Task<HttpStatusCode> StatusOfAsync(OperatorWorld world, string path, string token)
    {
        using var answer = await GetAsync(world, path, $"Bearer {token}");
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> GetAsync(OperatorWorld world, string path, string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(world.Silo.Dashboard, path));
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await open.Http.SendAsync(request, Ct);
    }

    private static async Task<string> TokenOfAsync(OperatorWorld world, string account)
    {
        await world.ApplyAsync($"{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: {account}}}}}", Ct);
        using var http = world.Server.CreateHttpClient();
        var request = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = new JsonObject() };
        using var answer = await http.PostAsJsonAsync($"api/v1/namespaces/{world.Namespace}/serviceaccounts/{account}/token", request, Ct);
        answer.EnsureSuccessStatusCode();
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!["status"]!["token"]!;
    }

    // Changes one letter inside the signature.
    private static string Falsify(string token) => token[..^100] + (token[^100] == 'A' ? 'B' : 'A') + token[^99..];
}

/// <summary>An operator whose dashboard is not on loopback, with the roles of the component that serves it, and the client of a visitor.</summary>
public sealed class OpenDashboard() : WorldFixture(ServerKind.Real, ("NangoOrleans__Dashboard__BindAddress", "*"))
{
    public const string ReviewerRole = "k8s/components/dashboard/reviewer-role.yaml";

    public HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    protected override async Task PrepareAsync(OperatorWorld world, CancellationToken ct)
    {
        await world.ApplyAsync(RepositoryFiles.Read(ReviewerRole), ct);
        await world.ApplyAsync(RepositoryFiles.Read("k8s/components/dashboard/viewer-role.yaml"), ct);
        // The server takes up a role a moment after it stored it.
        await world.UntilAsync(async () => await VisitAsync(world, ct) != HttpStatusCode.ServiceUnavailable, ct);
    }

    private async Task<HttpStatusCode> VisitAsync(OperatorWorld world, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(world.Silo.Dashboard, "/dashboard/"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "nobodys-token");
        using var answer = await Http.SendAsync(request, ct);
        return answer.StatusCode;
    }
}
