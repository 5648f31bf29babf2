using System.Net;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace NangoOrleans.Nango;

/// <summary>The one HTTP client of the process, with its connection pool.</summary>
internal sealed class NangoConnections : IDisposable
{
    /// <summary>Connections are renewed now and then so that a changed DNS record is noticed.</summary>
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public NangoConnections(IOptions<NangoClientOptions> options, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        var settings = options.Value;
        var guard = new ConnectGuard(
            settings.PrivateAddressOrigins.ToHashSet(StringComparer.Ordinal),
            resolve ?? ((host, cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken)));
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = guard.ConnectAsync,
            ConnectTimeout = settings.ConnectTimeout,
            MaxConnectionsPerServer = settings.MaxConnectionsPerServer,
            PooledConnectionIdleTimeout = settings.PooledConnectionIdleTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            UseCookies = false,
            UseProxy = settings.UseProxy,
        };
        Http = new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
        Http.DefaultRequestHeaders.Add("User-Agent", $"NangoOrleans/{Version}");
        Http.DefaultRequestHeaders.Add("Accept", "application/json");
    }

    public HttpClient Http { get; }

    private static string Version { get; } =
        typeof(NangoConnections).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    public void Dispose() => Http.Dispose();
}
