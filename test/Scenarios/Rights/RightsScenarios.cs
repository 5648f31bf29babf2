using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Scenarios.Rights;

/// <summary>The operator under its own service account. All other scenarios on the real server run under it, too: the rights suffice.</summary>
public sealed class RightsScenarios
{
    private const string ClusterRole = "k8s/base/manager-role.yaml", NamespaceRole = "k8s/watched-namespace/role.yaml", SiloRole = "k8s/base/silo-role.yaml";

    // What the downward API gives in a pod; nobody needs a Pod of that name.
    private static readonly (string Name, string Value)[] Cluster = [("NangoOrleans__Clustering", "Kubernetes"), ("POD_NAME", "silo-1"), ("POD_IP", "127.0.0.1")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_right_on_the_cluster_is_used_and_no_other_is_asked_for()
    {
        await using var world = await OperatorWorld.StartAsync(ServerKind.Real, Ct, Cluster);
        await world.ApplyAsync(Referring("cluster-wide", "ClusterNangoEnvironment", "shared"), Ct);
        await world.UntilAsync("cluster-wide", s => s.Reason == "EnvironmentNotFound", Ct);
        await world.ApplyAsync(Environment("ClusterNangoEnvironment", "shared", $"namespace: {world.Namespace}, ") + "\n  allowed_namespaces: {selector: {}}", Ct);

        await LiveAsync(world);
        await world.UntilAsync("cluster-wide", s => s.IsReady, Ct);

        Assert.Equal(GrantedRights.Read(ClusterRole).Concat(GrantedRights.Read(SiloRole)).Order(StringComparer.Ordinal), Needed(world));
    }

    [Fact]
    public async Task Confined_to_namespaces_the_operator_needs_a_Role_in_each_and_nothing_on_the_cluster()
    {
        await using var world = await OperatorWorld.StartConfinedAsync(Ct, Cluster);

        await LiveAsync(world);

        Assert.Equal(
            GrantedRights.Read(NamespaceRole).Concat(GrantedRights.Read(SiloRole)).Order(StringComparer.Ordinal),
            // Asked for, refused, and done without: see DefinitionReader.
            Needed(world).Where(right => right != "get customresourcedefinitions"));
    }

    [Fact]
    public async Task Confined_to_namespaces_the_operator_follows_each_of_them_and_no_other()
    {
        await using var world = await OperatorWorld.StartConfinedAsync(Ct);

        await world.Server.ApplyAsync(Manifest.Slack("elsewhere", "elsewhere-key"), OperatorAccount.Namespace, Ct);
        await world.Server.ApplyAsync(Manifest.Slack("second", "second-key"), "default", Ct);
        await world.ApplyAsync(Manifest.Slack("first", "first-key") + "\n---\n" + Referring("cluster-wide", "ClusterNangoEnvironment", "shared"), Ct);
        await world.UntilAsync("first", s => s.IsReady, Ct);
        await world.UntilAsync(() => world.Nango.State.Environment().Find("second-key") is not null, Ct);
        var confined = new Status(await world.UntilAsync("cluster-wide", s => s.Reason == "EnvironmentNotAllowed", Ct));

        Assert.Contains("Watch:ClusterEnvironments", confined.Message);
        Assert.Null(world.Nango.State.Environment().Find("elsewhere-key"));
    }

    [Fact]
    public async Task Confined_and_without_a_watch_of_Secrets_the_operator_reads_them_by_name_only()
    {
        await using var world = await OperatorWorld.StartConfinedAsync(Ct, ("NangoOrleans__Secrets__Watch", "false"));

        await world.ApplyAsync(Manifest.Secret("named", ("client_secret", "a-secret")), Ct);
        await world.ApplyAsync(Manifest.Slack("by-name", "by-name-key").Replace("client_secret: the-client-secret", "client_secret: {secretKeyRef: {name: named, key: client_secret}}", StringComparison.Ordinal), Ct);
        await world.UntilAsync("by-name", s => s.IsReady, Ct);

        Assert.Equal(["get"], world.Proxy.Passed.Where(request => request.Resource == "secrets").Select(request => request.Verb));
    }

    // The Lease of a dead silo is deleted after a week; the silo refuses to start without that right.
    private static IEnumerable<string> Needed(OperatorWorld world) =>
        GrantedRights.NeededBy(world.Proxy.Passed).Append("delete leases").Distinct().Order(StringComparer.Ordinal);

    // Creation, edits, deletion, and an event that is told again after a restart.
    private static async Task LiveAsync(OperatorWorld world)
    {
        await world.ApplyAsync(Manifest.Secret("token", ("token", OperatorWorld.Token)), Ct);
        await world.ApplyAsync(Referring("living", "NangoEnvironment", "own"), Ct);
        await world.UntilAsync("living", s => s.Reason == "EnvironmentNotFound", Ct);
        await world.ApplyAsync(Environment("NangoEnvironment", "own", ""), Ct);
        await world.UntilAsync("living", s => s.IsReady, Ct);
        await EditAsync(world, "Second name");
        // Events follow the status they tell of: killed in between, the operator would have told of the first edit never.
        await world.UntilEventAsync("living", e => (string?)e["reason"] == "Updated", Ct);
        await world.KillOperatorAsync();
        await world.StartOperatorAsync(Ct);
        await EditAsync(world, "Third name");
        await world.UntilEventAsync("living", e => (string?)e["reason"] == "Updated" && (int?)e["count"] >= 2, Ct);
        await world.DeleteAsync("living", Ct);
        await world.UntilGoneAsync("living", Ct);
        // The first heartbeat comes some time after the start.
        await world.UntilAsync(() => world.Proxy.Count("get", "pods") > 0 && world.Proxy.Count("apply", "leases") > 0, Ct);
    }

    private static async Task EditAsync(OperatorWorld world, string name)
    {
        await world.PatchAsync("living", $$$"""{"spec":{"display_name":"{{{name}}}"}}""", Ct);
        await world.UntilAsync(() => world.Nango.State.Environment().Find("living-key")?.DisplayName == name, Ct);
        await world.UntilAsync("living", s => s.IsReady, Ct);
    }

    private static string Environment(string kind, string name, string where) => $$"""
        apiVersion: nango.nango.dev/v1alpha1
        kind: {{kind}}
        metadata:
          name: {{name}}
        spec:
          token: {secretKeyRef: { {{where}}name: token, key: token} }
        """;

    private static string Referring(string name, string kind, string environment) =>
        Manifest.Slack(name, $"{name}-key", more: $"  environment_ref: {{kind: {kind}, name: {environment}}}");
}
