using NangoOrleans.Testing.ApiServer;

namespace NangoOrleans.Testing.ApiServers;

/// <summary>The development API server as an <see cref="IApiServer"/>, in this process: starts in no time and can be made to misbehave.</summary>
public sealed class DevelopmentApiServer : IApiServer
{
    private readonly TemporaryFolder _folder = new();

    private DevelopmentApiServer(DevApiServer server)
    {
        Server = server;
        server.WriteKubeconfig(KubeconfigPath);
    }

    /// <summary>The server itself, with its faults and journal.</summary>
    public DevApiServer Server { get; }

    /// <inheritdoc/>
    public Uri BaseUrl => Server.BaseUrl;

    /// <inheritdoc/>
    public string KubeconfigPath => _folder.In("kubeconfig");

    /// <summary>Starts a server on a free port of loopback.</summary>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DevelopmentApiServer> StartAsync(DevApiServerOptions? options, CancellationToken cancellationToken) =>
        new(await DevApiServer.StartAsync(options, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
