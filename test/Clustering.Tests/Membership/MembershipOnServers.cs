using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Clustering.Tests.Membership;

public sealed class MembershipOnTheRealServerTests(SharedApiServer servers) : MembershipContract
{
    internal override async Task<MembershipTables> StartAsync()
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        var cancel = TestContext.Current.CancellationToken;
        var server = await servers.GetAsync(cancel);
        return new(server, await server.CreateNamespaceAsync(cancel));
    }
}

public sealed class MembershipOnTheDoubleTests : MembershipContract
{
    internal override Task<MembershipTables> StartAsync() => StartDoubleAsync(CustomResourceDefinitions.All);

    internal static async Task<MembershipTables> StartDoubleAsync(IEnumerable<string> definitions)
    {
        var cancel = TestContext.Current.CancellationToken;
        var server = await DevelopmentApiServer.StartAsync(null, cancel);
        await server.InstallCrdsAsync(definitions, cancel);
        return new(server, await server.CreateNamespaceAsync(cancel));
    }
}
