using NangoOrleans.Packaging.Support;

namespace NangoOrleans.Packaging;

/// <summary>What <c>make deploy</c> and <c>make undeploy</c> do to a cluster, in the order of a life.</summary>
public sealed class DeployTests : IClassFixture<RealCluster>
{
    private const string Overlay = "k8s/overlays/default";
    private readonly RealCluster _cluster;

    public DeployTests(RealCluster cluster) => _cluster = cluster;

    [Fact]
    public async Task Undeploy_refuses_while_resources_remain_and_says_how_to_release_them()
    {
        await RunAsync("deploy.sh", ("IMG", "registry.example/operator:1"));
        await _cluster.WaitUntilServedAsync("nangointegrations.nango.nango.dev");
        await _cluster.WaitUntilServedAsync("nangoenvironments.nango.nango.dev");
        Assert.Equal("registry.example/operator:1", await _cluster.KubectlAsync(
            "get", "deployment", "-n", Manifest.Namespace, "-o", "jsonpath={.items[*].spec.template.spec.containers[*].image}"));
        await _cluster.KubectlAsync("apply", "-n", "default", "-f", "k8s/samples/openai.yaml");
        await _cluster.KubectlAsync("apply", "-n", "default", "-f", "k8s/samples/environment.yaml");

        var withIntegrations = await TryAsync("undeploy.sh");
        await _cluster.KubectlAsync("delete", "nangointegrations", "--all", "--all-namespaces");
        var withEnvironments = await TryAsync("undeploy.sh");
        var stillThere = await _cluster.KubectlAsync("get", "deployment", "-n", Manifest.Namespace, "-o", "name");
        await _cluster.KubectlAsync("delete", "nangoenvironments", "--all", "--all-namespaces");
        var withNothing = await TryAsync("undeploy.sh");

        Assert.Equal((1, 1, 0), (withIntegrations.Code, withEnvironments.Code, withNothing.Code));
        Assert.Contains("default/openai", withIntegrations.Error, StringComparison.Ordinal);
        Assert.Contains("NangoOrleans.Silo release --all --yes", withIntegrations.Error, StringComparison.Ordinal);
        Assert.Contains("default/production", withEnvironments.Error, StringComparison.Ordinal);
        Assert.NotEmpty(stillThere);
        Assert.Empty(await _cluster.KubectlAsync("get", "clusterrole", "-l", "app.kubernetes.io/name=nango-integration-operator", "-o", "name"));
    }

    private async Task RunAsync(string script, params (string Name, string Value)[] more)
    {
        var (code, output, error) = await TryAsync(script, more);
        Assert.True(code == 0, output + error);
    }

    private async Task<(int Code, string Output, string Error)> TryAsync(string script, params (string Name, string Value)[] more) =>
        await new Tool("bash").TryAsync([$"eng/{script}", Overlay], "", [.. await _cluster.EnvironmentAsync(), .. more]);
}
