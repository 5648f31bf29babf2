using NangoOrleans.Packaging.Support;

namespace NangoOrleans.Packaging;

/// <summary>A real API server takes everything that we give to users.</summary>
public sealed class ApplyTests(RealCluster cluster) : IClassFixture<RealCluster>
{
    private const string ServiceMonitors = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: KINDs.monitoring.coreos.com}
        spec:
          group: monitoring.coreos.com
          scope: Namespaced
          names: {kind: NAME, plural: KINDs}
          versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
        """;

    [Theory]
    [InlineData("k8s/overlays/default")]
    [InlineData("k8s/overlays/namespaced")]
    [InlineData("k8s/overlays/autoscaled")]
    [InlineData("k8s/overlays/admission")]
    [InlineData("k8s/overlays/dashboard")]
    [InlineData("k8s/overlays/compat")]
    public async Task Overlay_is_accepted_whole(string overlay)
    {
        var objects = Manifest.Read(await Manifest.KustomizeAsync(overlay));

        var applied = await cluster.KubectlAsync("apply", "-k", overlay);

        Assert.Equal(objects.Count, applied.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Chart_is_accepted_whole()
    {
        await cluster.KubectlAsync("apply", "-k", "k8s/overlays/default");
        await cluster.ServeAsync(ServiceMonitors.Replace("KIND", "servicemonitor", StringComparison.Ordinal).Replace("NAME", "ServiceMonitor", StringComparison.Ordinal));
        await cluster.ServeAsync(ServiceMonitors.Replace("KIND", "prometheusrule", StringComparison.Ordinal).Replace("NAME", "PrometheusRule", StringComparison.Ordinal));
        var chart = await Manifest.RenderChartAsync("autoscaling.enabled=true", "admissionPolicy.enabled=true", "dashboard.enabled=true", "monitoring.enabled=true");

        var applied = await cluster.KubectlWithAsync(chart, "apply", "--dry-run=server", "-f", "-");

        Assert.Equal(Manifest.Read(chart).Count, applied.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain("Warning", applied, StringComparison.Ordinal);
    }
}
