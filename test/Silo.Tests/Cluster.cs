using System.Text;
using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Testing.ApiServer;

namespace NangoOrleans;

/// <summary>A development API server for one silo.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cluster-");
    private readonly DevApiServer _server;

    private Cluster(DevApiServer server)
    {
        _server = server;
        server.WriteKubeconfig(Path.Combine(_folder.FullName, "kubeconfig"));
    }

    /// <summary>Where it listens.</summary>
    public Uri BaseUrl => _server.BaseUrl;

    /// <summary>Points a silo to it.</summary>
    public Dictionary<string, string?> Environment => new() { ["KUBECONFIG"] = Path.Combine(_folder.FullName, "kubeconfig") };

    /// <summary>Starts a server.</summary>
    public static async Task<Cluster> StartAsync(bool withDefinitions = true)
    {
        var cluster = new Cluster(await DevApiServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken));
        if (!withDefinitions) return cluster;

        using var client = cluster._server.CreateClient();
        foreach (var text in CustomResourceDefinitions.All)
        {
            using var definition = new StringContent(text, Encoding.UTF8, "application/yaml");
            using var answer = await client.PostAsync(
                new Uri("apis/apiextensions.k8s.io/v1/customresourcedefinitions", UriKind.Relative), definition, TestContext.Current.CancellationToken);
            answer.EnsureSuccessStatusCode();
        }

        return cluster;
    }

    /// <summary>A client with all rights.</summary>
    public HttpClient CreateClient() => _server.CreateClient();

    /// <summary>Ends the server; its address answers no more.</summary>
    public ValueTask StopListeningAsync() => _server.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
