using NangoOrleans.Testing.ApiServer;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.LocalRun;

/// <summary>A cluster on loopback: a real API server where KUBEBUILDER_ASSETS names one, else the development double.</summary>
internal sealed class LocalCluster(IAsyncDisposable server, string kubeconfig, string description, DirectoryInfo folder) : IAsyncDisposable
{
    /// <summary>Kubeconfig file with all rights.</summary>
    public string Kubeconfig => kubeconfig;

    /// <summary>What kind of cluster it is.</summary>
    public string Description => description;

    /// <summary>Starts it.</summary>
    public static async Task<LocalCluster> StartAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("nango-orleans-run-");
        if (RealApiServer.IsAvailable)
        {
            var real = await RealApiServer.StartAsync(cancellationToken);
            return new(real, real.KubeconfigPath, $"real API server at {real.BaseUrl}", folder);
        }

        var development = await DevApiServer.StartAsync(cancellationToken: cancellationToken);
        var path = Path.Combine(folder.FullName, "kubeconfig");
        development.WriteKubeconfig(path);
        return new(development, path, $"development API server (a double, not Kubernetes) at {development.BaseUrl}", folder);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
