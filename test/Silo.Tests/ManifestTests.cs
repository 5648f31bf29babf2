using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using NangoOrleans.Configuration;
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

        var (settings, problems) = OperatorSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(environment).Build());

        Assert.Empty(problems);
        Assert.Empty(settings.Options.DefaultCredential.Namespaces);
        Assert.Equal("/var/run/secrets/nango/token", settings.Environment.NangoTokenFile);
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
        Assert.True((long?)Pod["terminationGracePeriodSeconds"] >= 90);
    }

    [Fact]
    public void Pod_satisfies_the_restricted_security_standard()
    {
        Assert.True((bool?)Pod["securityContext"]!["runAsNonRoot"]);
        Assert.Equal("RuntimeDefault", (string?)Pod["securityContext"]!["seccompProfile"]!["type"]);
        Assert.False((bool?)Container["securityContext"]!["allowPrivilegeEscalation"]);
        Assert.Equal("ALL", (string?)Container["securityContext"]!["capabilities"]!["drop"]![0]);
        Assert.Equal("restricted", (string?)Object("namespace.yaml", "Namespace")["metadata"]!["labels"]!["pod-security.kubernetes.io/enforce"]);
    }

    [Fact]
    public void Role_holds_no_wildcard_and_no_write_to_Secrets()
    {
        var rules = Object("role.yaml", "ClusterRole")["rules"]!.AsArray();

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
            var resources = YamlDocuments.Parse(File.ReadAllText(file)).Single()["resources"]!.AsArray();
            Assert.All(resources, resource => Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, (string)resource!)), $"{file}: {resource}"));
        }
    }

    private static JsonObject Object(string file, string kind) =>
        YamlDocuments.Parse(File.ReadAllText(Path.Combine(K8s, "base", file))).Single(document => (string?)document["kind"] == kind);
}
