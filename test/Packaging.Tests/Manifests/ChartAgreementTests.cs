using System.Text.Json.Nodes;
using NangoOrleans.Packaging.Support;
using NangoOrleans.Testing;

namespace NangoOrleans.Packaging;

/// <summary>The chart renders what the kustomize overlays do.</summary>
public sealed class ChartAgreementTests
{
    [Theory]
    [InlineData("k8s/overlays/default", "")]
    [InlineData("k8s/overlays/namespaced", "rbac.scope=Namespaces;watch.namespaces={default};watch.clusterEnvironments=false")]
    [InlineData("k8s/overlays/autoscaled", "autoscaling.enabled=true")]
    [InlineData("k8s/overlays/admission", "admissionPolicy.enabled=true")]
    [InlineData("k8s/overlays/dashboard", "dashboard.enabled=true")]
    [InlineData("k8s/overlays/compat", "crds.install=false;podDisruptionBudget.enabled=false")]
    [InlineData("k8s/monitoring", "monitoring.enabled=true")]
    public async Task Chart_and_overlay_agree(string overlay, string values)
    {
        var expected = Manifest.Read(await Manifest.KustomizeAsync(overlay));
        if (overlay == "k8s/monitoring")
        {
            foreach (var (key, one) in Manifest.Read(await Manifest.KustomizeAsync("k8s/overlays/default"))) expected.Add(key, one);
        }

        // Helm makes the namespace by --create-namespace.
        expected.Remove($"Namespace /{Manifest.Namespace}");

        var rendered = Manifest.Read(await Manifest.RenderChartAsync(values.Split(';', StringSplitOptions.RemoveEmptyEntries)));

        Assert.Equal(expected.Keys, rendered.Keys);
        Assert.All(expected, pair => Assert.True(JsonNode.DeepEquals(pair.Value, rendered[pair.Key]), $"{pair.Key}\nkustomize: {pair.Value}\nhelm: {rendered[pair.Key]}"));
    }

    [Fact]
    public async Task Values_reach_the_operator_as_settings()
    {
        var rendered = Manifest.Read(await Manifest.RenderChartAsync(
            "watch.namespaces={team-a,team-b}", "watch.labelSelector=shard=one", "defaultCredential.namespaces={team-a}", "secrets.watch=false",
            "nango.baseUrl=https://nango.example", "nango.allowedBaseUrls={https://a.example,https://b.example}", "image.tag="));

        var container = Manifest.Container(rendered.Values.Single(one => (string?)one["kind"] == "Deployment"))!;
        var variables = container["env"]!.AsArray().Where(v => v!["value"] is not null).ToDictionary(v => (string)v!["name"]!, v => (string)v!["value"]!);
        Assert.Equal("team-a,team-b", variables["NangoOrleans__Watch__Namespaces"]);
        Assert.Equal("shard=one", variables["NangoOrleans__Watch__LabelSelector"]);
        Assert.Equal("team-a", variables["NangoOrleans__DefaultCredential__Namespaces"]);
        Assert.Equal("false", variables["NangoOrleans__Secrets__Watch"]);
        Assert.Equal("https://nango.example", variables["NANGO_BASE_URL"]);
        Assert.Equal("https://a.example,https://b.example", variables["NangoOrleans__AllowedBaseUrls"]);
        Assert.Equal("nango-integration-operator:0.1.0", (string?)container["image"]);
        var secrets = rendered["ClusterRole /nango-integration-operator-manager-role"]["rules"]!.AsArray().Single(r => (string?)r!["resources"]![0] == "secrets");
        Assert.Equal(["get"], secrets!["verbs"]!.AsArray().Select(v => (string?)v));
    }

    [Theory]
    [InlineData("replica=3", "replica")]
    [InlineData("rbac.scope=Namespaces", "/watch/namespaces")]
    [InlineData("resources.limits.cpu=1", "cpu")]
    [InlineData("nango.baseUrl=nango.example", "/nango/baseUrl")]
    [InlineData("watch.namespaces={Team_A}", "/watch/namespaces")]
    public async Task Values_that_make_no_sense_are_refused(string value, string named)
    {
        var result = await Tool.Helm.TryAsync(["template", "x", "k8s/chart", "--set", value]);

        Assert.NotEqual(0, result.Code);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_release_shares_no_name_with_the_first()
    {
        var first = Manifest.Read(await Manifest.RenderChartAsync("crds.install=false", "admissionPolicy.enabled=true", "dashboard.enabled=true"));
        var second = Manifest.Read(await Tool.Helm.RunAsync(["template", "blue", "k8s/chart", "--namespace", "blue", "--set", "crds.install=false,admissionPolicy.enabled=true,dashboard.enabled=true"]));

        Assert.Equal(first.Count, second.Count);
        Assert.Empty(first.Keys.Intersect(second.Keys));
        Assert.All(second.Values, one => Assert.True(((string)one["metadata"]!["name"]!).Length <= 63));
    }

    [Fact]
    public void Chart_carries_the_generated_definitions()
    {
        var generated = Directory.GetFiles(RepositoryFiles.In("k8s/crd"), "*.yaml").Where(file => Path.GetFileName(file) != "kustomization.yaml").ToDictionary(file => Path.GetFileName(file)!, File.ReadAllText);
        var carried = Directory.GetFiles(RepositoryFiles.In("k8s/chart/files/crd"), "*.yaml").ToDictionary(file => Path.GetFileName(file)!, File.ReadAllText);

        Assert.Equal(generated.Keys.Order(StringComparer.Ordinal), carried.Keys.Order(StringComparer.Ordinal));
        Assert.All(generated, pair => Assert.True(pair.Value == carried[pair.Key], $"{pair.Key} is out of date in the chart: run \"make manifests\" and commit the result."));
    }
}
