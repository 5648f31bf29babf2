using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace NangoOrleans.Nango;

/// <summary>The HTTP clients of the process, with their connection pools: one, and one more for each bundle of authorities to trust.</summary>
internal sealed class NangoConnections : IDisposable
{
    /// <summary>Connections are renewed now and then so that a changed DNS record is noticed.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a pool that nobody uses is kept. Its connections are closed long before, so a new one costs nothing more; and no
    /// request lasts as long (<see cref="NangoClientOptions.RequestTimeout"/> is at most 60 s), so none is under way when it goes.
    /// </summary>
    private static readonly TimeSpan UnusedFor = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (HttpClient Client, long UsedAt)> _trusting = new(StringComparer.Ordinal);
    private readonly NangoClientOptions _settings;
    private readonly ConnectGuard _guard;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    public NangoConnections(IOptions<NangoClientOptions> options, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        (_settings, _time) = (options.Value, time);
        _guard = new ConnectGuard(
            _settings.PrivateAddressOrigins.ToHashSet(StringComparer.Ordinal),
            resolve ?? ((host, cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken)));
        Http = CreateClient(trusted: null);
        _sweep = time.CreateTimer(_ => Sweep(), null, UnusedFor, UnusedFor);
    }

    public HttpClient Http { get; }

    /// <summary>How many bundles have a pool of their own now.</summary>
    public int TrustingCount
    {
        get
        {
            lock (_lock) return _trusting.Count;
        }
    }

    /// <summary>The client for an endpoint; to be used at once.</summary>
    public HttpClient For(NangoEndpoint endpoint)
    {
        if (endpoint.CaBundle is not { } bundle) return Http;
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(bundle)));
        lock (_lock)
        {
            var client = _trusting.TryGetValue(key, out var known) ? known.Client : CreateClient(bundle);
            _trusting[key] = (client, _time.GetTimestamp());
            return client;
        }
    }

    private HttpClient CreateClient(string? trusted)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = _guard.ConnectAsync,
            ConnectTimeout = _settings.ConnectTimeout,
            MaxConnectionsPerServer = _settings.MaxConnectionsPerServer,
            PooledConnectionIdleTimeout = _settings.PooledConnectionIdleTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            UseCookies = false,
            UseProxy = _settings.UseProxy,
        };
        handler.SslOptions = ServerCertificates.Options(trusted);
        var client = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Add("User-Agent", $"NangoOrleans/{Version}");
        client.DefaultRequestHeaders.Add("Accept", "application/json");
        return client;
    }

    private static string Version { get; } =
        typeof(NangoConnections).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public void Dispose()
    {
        _sweep.Dispose();
        Http.Dispose();
        lock (_lock)
        {
            foreach (var (client, _) in _trusting.Values) client.Dispose();
            _trusting.Clear();
        }
    }

    private void Sweep()
    {
        lock (_lock)
        {
            foreach (var (key, (client, _)) in _trusting.Where(pool => _time.GetElapsedTime(pool.Value.UsedAt) >= UnusedFor).ToList())
            {
                _trusting.Remove(key);
                client.Dispose();
            }
        }
    }
}
