using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Packaging.Support;

/// <summary>A cluster with the admission policy, and with one resource that is older than it.</summary>
public sealed class PolicedCluster : RealCluster
{
    public const string Older = "older";

    private const string Policy = "nango-integration-operator-sensitive-values";

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Offers an object to the server, which stores nothing.</summary>
    public async Task<(int Code, string Error)> TryAsync(JsonObject one)
    {
        await EnvironmentAsync();
        return await OfferAsync(one.ToJsonString());
    }

    protected override async Task PrepareAsync()
    {
        var stop = TestContext.Current.CancellationToken;
        await Server.InstallCrdsAsync(CustomResourceDefinitions.All, stop);
        await Server.ApplyAsync(Resource(Older), "default", stop);
        await Server.ApplyAsync(RepositoryFiles.Read("k8s/components/admission-policy/policy.yaml"), "", stop);

        // The server compiles a policy some time after it stored it.
        var started = TimeProvider.System.GetTimestamp();
        while (await OfferAsync(Resource("probe")) is var (code, error) && !error.Contains($"'{Policy}'", StringComparison.Ordinal))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, $"{Policy} has not refused anything; the last answer was {code} {error}");
            await Task.Delay(LookEvery, TimeProvider.System, stop);
        }
    }

    private async Task<(int Code, string Error)> OfferAsync(string text)
    {
        using var client = Server.CreateHttpClient();
        using var body = new StringContent(text, Encoding.UTF8, "application/yaml");
        using var answer = await client.PostAsync(
            "apis/nango.nango.dev/v1alpha1/namespaces/default/nangointegrations?dryRun=All", body, TestContext.Current.CancellationToken);
        var said = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return answer.IsSuccessStatusCode ? (0, "") : ((int)answer.StatusCode, (string?)JsonNode.Parse(said)?["message"] ?? said);
    }

    private static string Resource(string name) => $$"""
        apiVersion: nango.nango.dev/v1alpha1
        kind: NangoIntegration
        metadata: {name: {{name}}, namespace: default}
        spec: {unique_key: key, provider: openai, display_name: Name, nango_token: 5}
        """;
}
