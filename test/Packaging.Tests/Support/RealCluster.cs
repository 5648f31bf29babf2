using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Packaging.Support;

/// <summary>A real API server and kubectl for the tests of a class; skips them where one of the two is missing.</summary>
public class RealCluster : IAsyncDisposable
{
    private readonly TemporaryFolder _cache = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private RealApiServer? _server;

    /// <summary>Runs kubectl.</summary>
    public Task<string> KubectlAsync(params string[] arguments) => KubectlWithAsync("", arguments);

    /// <summary>Runs kubectl with something on its standard input.</summary>
    public async Task<string> KubectlWithAsync(string input, params string[] arguments) =>
        await Tool.Kubectl.RunAsync(arguments, input, await EnvironmentAsync());

    /// <summary>Runs kubectl, whatever comes of it.</summary>
    public async Task<(int Code, string Output, string Error)> TryAsync(params string[] arguments) =>
        await Tool.Kubectl.TryAsync(arguments, "", await EnvironmentAsync());

    /// <summary>Applies a definition and waits until it is served.</summary>
    public async Task ServeAsync(string definition)
    {
        await EnvironmentAsync();
        await _server!.InstallCrdsAsync([definition], TestContext.Current.CancellationToken);
    }

    /// <summary>Waits until a definition that was applied is served.</summary>
    public async Task WaitUntilServedAsync(string definition)
    {
        await EnvironmentAsync();
        await _server!.WaitUntilServedAsync(definition, TestContext.Current.CancellationToken);
    }

    /// <summary>What leads kubectl and our scripts to the server.</summary>
    public async Task<(string Name, string Value)[]> EnvironmentAsync()
    {
        Assert.SkipUnless(RealApiServer.IsAvailable, RealApiServer.SkipReason ?? "");
        var kubectl = Tool.Kubectl.Path;
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_server is null)
            {
                _server = await RealApiServer.StartAsync(TestContext.Current.CancellationToken);
                await PrepareAsync();
            }
        }
        finally
        {
            _gate.Release();
        }

        return [("KUBECONFIG", _server.KubeconfigPath), ("KUBECACHEDIR", _cache.In("kube")), ("KUBECTL", kubectl)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _cache.Dispose();
        _gate.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The server itself, while it is prepared.</summary>
    protected RealApiServer Server => _server!;

    /// <summary>What all tests of the class find.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;
}
