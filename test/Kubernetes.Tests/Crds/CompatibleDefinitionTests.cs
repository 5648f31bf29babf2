using System.Net;
using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Crds;

public sealed class CompatibleDefinitionTests
{
    [Fact]
    public async Task The_compatible_form_is_served_and_keeps_the_presence_rules()
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        var cancel = TestContext.Current.CancellationToken;
        await using var server = await RealApiServer.StartAsync(cancel);
        await server.InstallCrdsAsync([CustomResourceDefinitions.Render(compat: true)], cancel);
        await using var integrations = await IntegrationsClient.OpenAsync(server, cancel);
        var manifest = YamlDocuments.Parse(
            "{apiVersion: nango.nango.dev/v1alpha1, kind: NangoIntegration, metadata: {name: test}, spec: {unique_key: k, provider: p, display_name: d}}").Single();

        await integrations.CreateAsync(manifest);
        manifest["metadata"]!["name"] = "other";
        manifest["spec"]!["credentials"] = YamlDocuments.Parse("{type: OAUTH2, client_id: a}").Single();
        using var refused = await integrations.PostAsync(manifest);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("spec.credentials.client_secret", await refused.Content.ReadAsStringAsync(cancel), StringComparison.Ordinal);
    }
}
