using Microsoft.Extensions.DependencyInjection;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Transport;

public sealed class KubernetesServicesTests(SharedApiServer servers)
{
    [Fact]
    public async Task Everything_registered_can_be_made_and_disposed()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var services = new ServiceCollection().AddLogging().AddKubernetes(cluster.Server.KubeconfigPath);

        await using var provider = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });

        Assert.NotNull(provider.GetRequiredService<FeedFactory>());
        Assert.NotNull(provider.GetRequiredService<IIntegrationStore>());
        Assert.NotNull(provider.GetRequiredService<ISecretReader>());
        Assert.NotNull(provider.GetRequiredService<IEventRecorder>());
        var answer = await provider.GetRequiredService<CrdProbe>().CheckAsync(null, TestContext.Current.CancellationToken);
        Assert.Equal(CrdState.Served, answer.State);
    }

    [Fact]
    public void Cluster_is_only_looked_for_when_it_is_needed()
    {
        using var folder = new TemporaryFolder();
        using var provider = new ServiceCollection().AddLogging().AddKubernetes(folder.In("none")).BuildServiceProvider();

        Assert.Throws<KubernetesConnectionException>(provider.GetRequiredService<KubernetesTransport>);
    }
}
