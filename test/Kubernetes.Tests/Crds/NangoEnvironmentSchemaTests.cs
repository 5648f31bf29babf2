using System.Text.Json.Nodes;
using NangoOrleans.Resources;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Crds;

public sealed class NangoEnvironmentSchemaTests(SharedApiServer servers)
{
    private const string Token = "token: {secretKeyRef: {name: s, key: k}}";
    private const string ClusterToken = "token: {secretKeyRef: {namespace: n, name: s, key: k}}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("environment.yaml")]
    [InlineData("cluster-environment.yaml")]
    public async Task A_sample_is_accepted_and_nothing_of_it_is_dropped(string sample)
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var manifests = YamlDocuments.Parse(RepositoryFiles.Read($"k8s/samples/{sample}")).Where(m => m["kind"]!.ToString().EndsWith("NangoEnvironment", StringComparison.Ordinal));

        foreach (var manifest in manifests)
        {
            var stored = (await cluster.ApplyManifestAsync(manifest.ToJsonString())).Single();
            Assert.True(JsonNode.DeepEquals(manifest["spec"], stored["spec"]));
            Assert.Equal(-1, (int?)stored["status"]!["observedGeneration"]);
        }
    }

    [Theory]
    [InlineData("NangoEnvironment", "{}", "spec.token")]
    [InlineData("NangoEnvironment", "{token: {}}", "spec.token.secretKeyRef")]
    [InlineData("NangoEnvironment", "{token: {secretKeyRef: {name: s}}}", "spec.token.secretKeyRef.key")]
    [InlineData("ClusterNangoEnvironment", "{" + Token + "}", "spec.token.secretKeyRef.namespace")]
    [InlineData("NangoEnvironment", "{" + Token + ", rate_limit: {reserve_percent: 100}}", "spec.rate_limit.reserve_percent")]
    [InlineData("NangoEnvironment", "{" + Token + ", rate_limit: {requests_per_minute: 0}}", "spec.rate_limit.requests_per_minute")]
    [InlineData("NangoEnvironment", "{" + Token + ", key_prefix_policy: \"{name}-\"}", "spec.key_prefix_policy")]
    [InlineData("NangoEnvironment", "{" + Token + ", key_prefix_policy: \"a/b\"}", "spec.key_prefix_policy")]
    [InlineData("ClusterNangoEnvironment", "{" + ClusterToken + ", allowed_namespaces: {selector: {matchExpressions: [{key: a, operator: Like}]}}}", "operator")]
    public async Task What_cannot_be_meant_is_refused_and_the_field_is_named(string kind, string spec, string field)
    {
        using var cluster = await RealCluster.JoinAsync(servers);

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => cluster.ApplyManifestAsync(
            $"{{apiVersion: nango.nango.dev/v1alpha1, kind: {kind}, metadata: {{name: refused}}, spec: {spec}}}"));

        Assert.Contains(field, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{namespace}-")]
    [InlineData("{namespace}.")]
    [InlineData("acme:{namespace}:")]
    [InlineData("prod-")]
    public async Task Sensible_prefixes_are_accepted(string policy)
    {
        using var cluster = await RealCluster.JoinAsync(servers);

        var stored = await cluster.ApplyManifestAsync($"{{apiVersion: nango.nango.dev/v1alpha1, kind: NangoEnvironment, metadata: {{name: prefix}}, spec: {{{Token}, key_prefix_policy: \"{policy}\"}}}}");

        Assert.Equal(policy, (string?)stored.Single()["spec"]!["key_prefix_policy"]);
    }

    [Fact]
    public async Task The_status_of_either_kind_is_written_once_seen_and_refused_when_the_object_moved_on()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var store = new EnvironmentStore(cluster.Transport);
        await cluster.ApplyManifestAsync($"{{apiVersion: nango.nango.dev/v1alpha1, kind: NangoEnvironment, metadata: {{name: status}}, spec: {{{Token}}}}}");
        await cluster.ApplyManifestAsync($"{{apiVersion: nango.nango.dev/v1alpha1, kind: ClusterNangoEnvironment, metadata: {{name: status-{cluster.Namespace}}}, spec: {{{ClusterToken}}}}}");
        EnvironmentId[] ids = [new(cluster.Namespace, "status"), new("", $"status-{cluster.Namespace}")];

        foreach (var id in ids)
        {
            var seen = (await store.GetAsync(id, Cancel))!;
            var written = await store.ReplaceStatusAsync(seen, new NangoEnvironmentStatus { ObservedGeneration = 1, Integrations = new IntegrationCounts { Declared = 2 } }, Cancel);
            var failure = (await Assert.ThrowsAsync<Failures.FailureException>(() => store.ReplaceStatusAsync(seen, new NangoEnvironmentStatus { ObservedGeneration = 2 }, Cancel))).Failure;

            Assert.Equal((1L, 2), (written!.Status!.ObservedGeneration, written.Status.Integrations!.Declared));
            Assert.Equal(Failures.FailureKind.Conflict, failure.Kind);
        }

        Assert.Null(await store.GetAsync(new(cluster.Namespace, "absent"), Cancel));
    }

    [Fact]
    public void Labels_of_a_namespace_are_read_and_may_be_absent()
    {
        Assert.Equal("b", NamespaceLabels.Parse("""{"metadata":{"name":"n","labels":{"a":"b"}}}"""u8)["a"]);
        Assert.Empty(NamespaceLabels.Parse("""{"metadata":{"name":"n"}}"""u8));
    }
}
