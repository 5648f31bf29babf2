using System.Net.Http.Headers;
using System.Text;
using NangoOrleans.Testing.Silos;
using NangoOrleans.Watching;

namespace NangoOrleans.Hosting;

/// <summary>A development silo, and whoever else lives in its Kubernetes cluster.</summary>
public sealed class RivalTests
{
    private const string Leases = "apis/coordination.k8s.io/v1/namespaces/default/leases";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Another_operator_that_keeps_renewing_the_lease_ends_a_development_silo_with_one_sentence()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await WriteAsync(client, HttpMethod.Post, Leases, Lease("somebody@elsewhere"));
        var renewing = RenewAsync(client, over.Token);

        await using var silo = SiloProcess.Run(cluster.Environment);

        Assert.Equal(1, await silo.WaitForExitAsync());
        var sentence = Assert.Single(silo.Error);
        Assert.StartsWith("Another operator (somebody@elsewhere) is at work in this Kubernetes cluster", sentence, StringComparison.Ordinal);
        Assert.Contains("Lease default/nango-integration-operator-watcher", sentence, StringComparison.Ordinal);
        await over.CancelAsync();
        await renewing;
    }

    [Fact]
    public async Task A_development_silo_takes_over_from_itself_at_once_after_a_crash()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        // Only just renewed, by a process that is no more.
        await WriteAsync(client, HttpMethod.Post, Leases, Lease(LeaseElection.DevelopmentIdentity));

        await using var silo = await SiloProcess.StartReadyAsync(cluster.Environment, Ct);

        await silo.UntilOutputAsync("This silo watches now: term 8", Ct);
    }

    private static async Task RenewAsync(HttpClient client, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await WriteAsync(client, HttpMethod.Patch, $"{Leases}/nango-integration-operator-watcher", $$$"""{"spec":{"renewTime":"{{{Now()}}}"}}""");
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string Lease(string holder) =>
        $$$"""
        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"nango-integration-operator-watcher"},
        "spec":{"holderIdentity":"{{{holder}}}","leaseDurationSeconds":15,"leaseTransitions":7,"acquireTime":"{{{Now()}}}","renewTime":"{{{Now()}}}"}}
        """;

    private static string Now() => TimeProvider.System.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static async Task WriteAsync(HttpClient client, HttpMethod method, string path, string json)
    {
        using var request = new HttpRequestMessage(method, path)
        {
            Content = new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue(method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json")),
        };
        using var answer = await client.SendAsync(request, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }
}
