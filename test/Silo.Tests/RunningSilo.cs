using NangoOrleans.Testing.Silos;

namespace NangoOrleans;

/// <summary>One silo for the tests that only look at it.</summary>
public sealed class RunningSilo : IAsyncLifetime
{
    private Cluster? _cluster;

    public SiloProcess Silo { get; private set; } = null!;

    internal HttpClient Client { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    internal IReadOnlyDictionary<string, int> Ports { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await Cluster.StartAsync();
        Silo = await SiloProcess.StartAsync(new Dictionary<string, string?>(_cluster.Environment) { ["NANGO_TOKEN"] = SecretToken }, TestContext.Current.CancellationToken);
        Ports = Silo.ReadPorts();
    }

    internal const string SecretToken = "7b0c1a52-2f7e-4f0e-9d2b-5b8a3c1d9e11";

    internal Task<HttpResponseMessage> GetAsync(string listener, string path, string? host = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Ports[listener]}{path}");
        if (host is not null) request.Headers.Host = host;
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (Silo is not null) await Silo.DisposeAsync();
        if (_cluster is not null) await _cluster.DisposeAsync();
    }
}
