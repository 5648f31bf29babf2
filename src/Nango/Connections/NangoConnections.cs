using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Options;

namespace NangoOrleans.Nango;

/// <summary>The HTTP clients of the process, with their connection pools: one, and one more for each bundle of authorities to trust.</summary>
internal sealed class NangoConnections : IDisposable
{
    /// <summary>Connections are renewed now and then so that a changed DNS record is noticed.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Lazy<HttpClient>> _trusting = new(StringComparer.Ordinal);
    private readonly NangoClientOptions _settings;
    private readonly ConnectGuard _guard;

    public NangoConnections(IOptions<NangoClientOptions> options, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _settings = options.Value;
        _guard = new ConnectGuard(
            _settings.PrivateAddressOrigins.ToHashSet(StringComparer.Ordinal),
            resolve ?? ((host, cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken)));
        Http = CreateClient(trusted: null);
    }

    public HttpClient Http { get; }

    /// <summary>The client for an endpoint.</summary>
    public HttpClient For(NangoEndpoint endpoint) => endpoint.CaBundle is { } bundle
        ? _trusting.GetOrAdd(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(bundle))), _ => new Lazy<HttpClient>(() => CreateClient(bundle))).Value
        : Http;

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
        if (trusted is not null) handler.SslOptions.CertificateChainPolicy = TrustOnly(trusted);
        var client = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Add("User-Agent", $"NangoOrleans/{Version}");
        client.DefaultRequestHeaders.Add("Accept", "application/json");
        return client;
    }

    private static string Version { get; } =
        typeof(NangoConnections).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public void Dispose()
    {
        Http.Dispose();
        foreach (var client in _trusting.Values) client.Value.Dispose();
    }

    // An unreadable bundle trusts nobody: the environment's own status says what is wrong with it.
    private static X509ChainPolicy TrustOnly(string bundle)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPem(bundle);
        }
        catch (CryptographicException)
        {
            policy.CustomTrustStore.Clear();
        }

        return policy;
    }
}
