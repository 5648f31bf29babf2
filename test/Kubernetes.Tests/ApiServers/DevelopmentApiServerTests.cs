using System.Net;
using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Kubernetes.Tests.Crds;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.ApiServers;

public sealed class DevelopmentApiServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_definition_and_all_samples_can_be_applied_twice()
    {
        await using var server = await DevelopmentApiServer.StartAsync(options: null, Cancel);
        await server.InstallCrdsAsync(CustomResourceDefinitions.All, Cancel);
        var space = await server.CreateNamespaceAsync(Cancel);
        var samples = string.Join("\n---\n", Directory.GetFiles(RepositoryFiles.In("k8s/samples"), "*.yaml")
            .Where(path => Path.GetFileName(path) != "kustomization.yaml").Order(StringComparer.Ordinal).Select(File.ReadAllText));

        var first = await server.ApplyAsync(samples, space, Cancel);
        var second = await server.ApplyAsync(samples, space, Cancel);

        Assert.Equal(10, first.Count);
        Assert.Equal(first.Select(o => (string?)o["metadata"]!["uid"]), second.Select(o => (string?)o["metadata"]!["uid"]));
    }

    [Theory]
    [InlineData("{type: OAUTH2, client_id: a}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{type: APP, app_id: a, app_link: b}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{type: APP, app_id: a, app_link: b, private_key: {value: c}}", HttpStatusCode.Created)]
    [InlineData("{type: CUSTOM, client_id: {}, client_secret: b}", HttpStatusCode.Created)]
    public async Task Presence_rules_work_as_on_a_real_server(string credentials, HttpStatusCode expected)
    {
        await using var server = await DevelopmentApiServer.StartAsync(options: null, Cancel);
        await server.InstallCrdsAsync(CustomResourceDefinitions.All, Cancel);
        await using var integrations = await IntegrationsClient.OpenAsync(server, Cancel);
        var manifest = YamlDocuments.Parse(
            "{apiVersion: nango.nango.dev/v1alpha1, kind: NangoIntegration, metadata: {name: test}, spec: {unique_key: k, provider: p, display_name: d}}").Single();
        manifest["spec"]!["credentials"] = YamlDocuments.Parse(credentials).Single();

        using var answer = await integrations.PostAsync(manifest);

        Assert.Equal(expected, answer.StatusCode);
    }
}
