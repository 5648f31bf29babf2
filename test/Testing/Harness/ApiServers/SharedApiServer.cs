using NangoOrleans.Kubernetes.Crds;

namespace NangoOrleans.Testing.ApiServers;

/// <summary>
/// One real API server for a whole test assembly, started when the first test asks for it. Put
/// <c>[assembly: AssemblyFixture(typeof(SharedApiServer))]</c> into the test project, take it as a constructor
/// parameter, and give each test its own namespace. Where there are no assets, skip by
/// <see cref="RealApiServer.SkipReason"/> before asking.
/// </summary>
public sealed class SharedApiServer : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private RealApiServer? _server;

    /// <summary>The server with our CRDs installed; other tests use it too, so it must not be paused or restarted.</summary>
    public async Task<RealApiServer> GetAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            return _server ??= await StartAsync(cancellationToken);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is { } server) await server.DisposeAsync();
        _gate.Dispose();
    }

    private static async Task<RealApiServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = await RealApiServer.StartAsync(cancellationToken);
        try
        {
            await server.InstallCrdsAsync(CustomResourceDefinitions.All, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }
}
