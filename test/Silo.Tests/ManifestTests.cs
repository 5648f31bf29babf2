using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using NangoOrleans.Configuration;
using NangoOrleans.Hosting;
using NangoOrleans.Testing.ApiServers;
using NangoOrleans.Testing;

namespace NangoOrleans;

/// <summary>What k8s/ sets and asks for fits the program.</summary>
public sealed class ManifestTests
{
    private static readonly string K8s = RepositoryFiles.In("k8s");

    private static JsonObject Pod => Object("deployment.yaml", "Deployment")["spec"]!["template"]!["spec"]!.AsObject();

    private static JsonObject Container => Pod["containers"]!.AsArray().Single()!.AsObject();

    [Fact]
    public void Deployment_sets_only_settings_that_exist_and_are_valid()
    {
        var environment = Container["env"]!.AsArray().Where(e => e!["value"] is not null)
            .Select(e => KeyValuePair.Create(((string)e!["name"]!).Replace("__", ":", StringComparison.Ordinal), (string?)e["value"]));

        // Given by the downward API.
        KeyValuePair<string, string?>[] pod = [new("POD_NAME", "silo-1"), new("POD_NAMESPACE", "system"), new("POD_IP", "10.0.0.7"), new("KUBERNETES_SERVICE_HOST", "10.0.0.1")];
        var (settings, problems) = OperatorSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(environment).AddInMemoryCollection(pod).Build());

        Assert.Empty(problems);
        Assert.Equal(ClusteringKind.Kubernetes, settings.Options.Clustering);
        Assert.Equal(JsonSerializer.Serialize(new WatchOptions()), JsonSerializer.Serialize(settings.Options.Watch));
        Assert.Empty(settings.Options.DefaultCredential.Namespaces);
        Assert.Equal("/var/run/secrets/nango/token", settings.Environment.NangoTokenFile);
    }

    [Fact]
    public void Pod_learns_from_its_own_fields_who_it_is()
    {
        var fields = Container["env"]!.AsArray().Where(e => e!["valueFrom"] is not null).ToDictionary(e => (string)e!["name"]!, e => (string?)e!["valueFrom"]!["fieldRef"]!["fieldPath"]);

        Assert.Equal(new Dictionary<string, string?> { ["POD_NAME"] = "metadata.name", ["POD_NAMESPACE"] = "metadata.namespace", ["POD_IP"] = "status.podIP" }, fields);
    }

    [Fact]
    public void Silos_are_replaced_one_by_one_and_spread_over_nodes_and_zones()
    {
        var deployment = Object("deployment.yaml", "Deployment")["spec"]!;
        var labels = deployment["template"]!["metadata"]!["labels"];
        var selectors = new[] { deployment["selector"], Object("pod-disruption-budget.yaml", "PodDisruptionBudget")["spec"]!["selector"], Policy["podSelector"] }
            .Concat(Pod["topologySpreadConstraints"]!.AsArray().Select(c => c!["labelSelector"]));

        Assert.Equal((3L, 0L, 1L), ((long)deployment["replicas"]!, (long)deployment["strategy"]!["rollingUpdate"]!["maxUnavailable"]!, (long)deployment["strategy"]!["rollingUpdate"]!["maxSurge"]!));
        Assert.Equal(["kubernetes.io/hostname", "topology.kubernetes.io/zone"], Pod["topologySpreadConstraints"]!.AsArray().Select(c => (string?)c!["topologyKey"]));
        Assert.All(selectors, selector => Assert.True(JsonNode.DeepEquals(labels, selector!["matchLabels"])));
        Assert.Null(Container["resources"]!["limits"]!["cpu"]);
    }

    [Fact]
    public void Only_silos_reach_the_silo_ports()
    {
        var options = new SiloOptions();
        long?[] ports = [options.SiloPort, options.GatewayPort];
        var rules = Policy["ingress"]!.AsArray().Where(rule => rule!["ports"]!.AsArray().Any(port => ports.Contains((long?)port!["port"])));

        var rule = Assert.Single(rules)!;

        Assert.Equal(ports, rule["ports"]!.AsArray().Select(port => (long?)port!["port"]));
        Assert.Equal("podSelector", Assert.Single(Assert.Single(rule["from"]!.AsArray())!.AsObject()).Key);
        Assert.Equal([.. ports, 8080L], Policy["ingress"]!.AsArray().SelectMany(r => r!["ports"]!.AsArray()).Select(port => (long?)port!["port"]));
        Assert.Equal(Container["ports"]!.AsArray().Select(port => (long?)port!["containerPort"]).Order(), [8080L, .. ports]);
    }

    [Fact]
    public void Default_credential_is_an_optional_Secret()
    {
        var volume = Pod["volumes"]!.AsArray().Single(v => (string?)v!["name"] == "nango-api-token");

        Assert.Equal(("nango-api-token", true), ((string?)volume!["secret"]!["secretName"], (bool?)volume["secret"]!["optional"]));
    }

    [Fact]
    public void Pod_has_time_to_stop_and_probes_that_the_program_serves()
    {
        string[] probes = ["startupProbe", "livenessProbe", "readinessProbe"];

        Assert.Equal(["/healthz", "/healthz", "/readyz"], probes.Select(p => (string?)Container[p]!["httpGet"]!["path"]));
        Assert.Equal(new HttpOptions().Port, (long?)Container["ports"]![0]!["containerPort"]);
        Assert.True((long?)Pod["terminationGracePeriodSeconds"] >= OperatorHost.ShutdownTimeout.TotalSeconds + 30);
    }

    [Fact]
    public void Pod_satisfies_the_restricted_security_standard()
    {
        Assert.True((bool?)Pod["securityContext"]!["runAsNonRoot"]);
        Assert.Equal("RuntimeDefault", (string?)Pod["securityContext"]!["seccompProfile"]!["type"]);
        Assert.False((bool?)Container["securityContext"]!["allowPrivilegeEscalation"]);
        Assert.True((bool?)Container["securityContext"]!["readOnlyRootFilesystem"]);
        Assert.Equal("ALL", (string?)Container["securityContext"]!["capabilities"]!["drop"]![0]);
        Assert.Equal("restricted", (string?)Object("namespace.yaml", "Namespace")["metadata"]!["labels"]!["pod-security.kubernetes.io/enforce"]);
    }

    [Theory]
    [InlineData("base/manager-role.yaml")]
    [InlineData("base/silo-role.yaml")]
    [InlineData("watched-namespace/role.yaml")]
    public void Role_holds_no_wildcard_and_no_write_to_Secrets(string file)
    {
        var rules = YamlDocuments.Parse(File.ReadAllText(Path.Combine(K8s, file)))[0]["rules"]!.AsArray();

        Assert.DoesNotContain("*", rules.ToJsonString(), StringComparison.Ordinal);
        Assert.All(
            rules.Where(rule => rule!["resources"]!.AsArray().Any(r => (string?)r == "secrets")),
            rule => Assert.Equal(["get", "list", "watch"], rule!["verbs"]!.AsArray().Select(verb => (string?)verb)));
    }

    [Fact]
    public void Kustomizations_name_only_what_exists()
    {
        foreach (var file in Directory.EnumerateFiles(K8s, "kustomization.yaml", SearchOption.AllDirectories))
        {
            var kustomization = YamlDocuments.Parse(File.ReadAllText(file)).Single();
            var resources = kustomization["resources"]!.AsArray().Concat(kustomization["components"]?.AsArray() ?? []);
            Assert.All(resources, resource => Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, (string)resource!)), $"{file}: {resource}"));
        }
    }

    private static JsonObject Policy => Object("network-policy.yaml", "NetworkPolicy")["spec"]!.AsObject();

    private static JsonObject Object(string file, string kind) =>
        YamlDocuments.Parse(File.ReadAllText(Path.Combine(K8s, "base", file))).Single(document => (string?)document["kind"] == kind);
}
