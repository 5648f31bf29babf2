using k8s;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Stores;

public sealed class AccessProbeTests(SharedApiServer servers)
{
    private static readonly RequiredAccess[] Required = [new("patch", ResourceType.OrleansClusters), new("list", ResourceType.Leases), new("get", ResourceType.Pods)];

    [Fact]
    public async Task Nothing_lacks_to_who_may_do_everything()
    {
        using var cluster = await RealCluster.JoinAsync(servers);

        Assert.Empty(await new AccessProbe(cluster.Transport).FindMissingAsync(cluster.Namespace, Required, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Lacking_rights_are_named_as_a_role_names_them()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await cluster.ApplyManifestAsync(
            """
            {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: some}, rules: [{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [list]}]}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: some}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: some}
            subjects: [{kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:authenticated"}]
            """);
        using var nobody = new KubernetesTransport(KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.Server.NobodyKubeconfigPath));

        IReadOnlyList<RequiredAccess> missing = [];

        // The server takes up roles and bindings a moment after it stored them.
        await Until.TrueAsync(async () =>
        {
            missing = await new AccessProbe(nobody).FindMissingAsync(cluster.Namespace, Required, TestContext.Current.CancellationToken);
            return missing.Count < Required.Length;
        });

        Assert.Equal(["patch orleansclusters.orleans.nango.dev", "get pods"], missing.Select(access => access.ToString()));
    }
}
