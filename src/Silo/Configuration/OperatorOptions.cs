using System.Net;
using System.Net.Sockets;

namespace NangoOrleans.Configuration;

/// <summary>How silos find each other.</summary>
public enum ClusteringKind
{
    /// <summary>One silo, on loopback, with its membership in memory.</summary>
    Development,

    /// <summary>Several silos that meet through the Kubernetes API.</summary>
    Kubernetes,
}

/// <summary>Everything an administrator can set: section <c>NangoOrleans</c> of the configuration (docs/guide/settings.md).</summary>
public sealed class OperatorOptions
{
    /// <summary>How silos find each other; in a pod <see cref="ClusteringKind.Kubernetes"/> unless it is set.</summary>
    public ClusteringKind Clustering { get; set; } = ClusteringKind.Development;

    /// <summary>Address on which health and metrics are served: an IP address, <c>localhost</c>, or <c>*</c> for all; in a cluster <c>*</c> unless it is set.</summary>
    public string BindAddress { get; set; } = "127.0.0.1";

    /// <summary>Base URLs that resources may name besides the operator's own (<c>NANGO_BASE_URL</c>), which is always allowed.</summary>
    public IReadOnlyList<string> AllowedBaseUrls { get; set; } = [];

    /// <summary>Health and metrics.</summary>
    public HttpOptions Http { get; set; } = new();

    /// <summary>The Orleans Dashboard.</summary>
    public DashboardPortOptions Dashboard { get; set; } = new();

    /// <summary>The silo itself.</summary>
    public SiloOptions Orleans { get; set; } = new();

    /// <summary>Use of the operator's own credential.</summary>
    public DefaultCredentialOptions DefaultCredential { get; set; } = new();

    /// <summary>Which resources are looked after.</summary>
    public WatchOptions Watch { get; set; } = new();

    /// <summary>The regular comparison with Nango.</summary>
    public ResyncOptions Resync { get; set; } = new();

    /// <summary>Removal of integrations from Nango.</summary>
    public DeletionOptions Deletion { get; set; } = new();

    /// <summary>Nango's request limit.</summary>
    public RateLimitOptions RateLimit { get; set; } = new();

    /// <summary>Kubernetes Secrets.</summary>
    public SecretOptions Secrets { get; set; } = new();

    /// <summary><see cref="BindAddress"/> as an address to listen on; null when it is none.</summary>
    internal IPAddress? ListenAddress => BindAddress switch
    {
        "*" => Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.TryParse(BindAddress, out var address) ? address : null,
    };
}

/// <summary>Health and metrics.</summary>
public sealed class HttpOptions
{
    /// <summary>Port of <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>; 0 picks a free one.</summary>
    public int Port { get; set; } = 8080;
}

/// <summary>The Orleans Dashboard.</summary>
public sealed class DashboardPortOptions
{
    /// <summary>Port of the dashboard, always on loopback; 0 picks a free one.</summary>
    public int Port { get; set; } = 8081;
}

/// <summary>The silo itself.</summary>
public sealed class SiloOptions
{
    /// <summary>Port for other silos; 0 picks a free one.</summary>
    public int SiloPort { get; set; } = 11111;

    /// <summary>Port for Orleans clients; 0 picks a free one.</summary>
    public int GatewayPort { get; set; } = 30000;

    /// <summary>Tells installations in one namespace apart; part of the Orleans ClusterId.</summary>
    public string Installation { get; set; } = "nango-integration-operator";

    /// <summary>True: which silo a grain is on is known by a directory that survives the loss of any silo; false: by Orleans' older one, which forgets up to three quarters of it.</summary>
    public bool DistributedDirectory { get; set; } = true;
}

/// <summary>Use of the operator's own credential (<c>NANGO_TOKEN</c>, <c>NANGO_TOKEN_FILE</c>).</summary>
public sealed class DefaultCredentialOptions
{
    /// <summary>Namespaces whose resources may use it; <c>*</c> means all.</summary>
    public IReadOnlyList<string> Namespaces { get; set; } = ["*"];
}

/// <summary>Which resources are looked after.</summary>
public sealed class WatchOptions
{
    /// <summary>Namespaces to watch; none means all.</summary>
    public IReadOnlyList<string> Namespaces { get; set; } = [];

    /// <summary>Kubernetes label selector; empty selects everything.</summary>
    public string LabelSelector { get; set; } = "";
}

/// <summary>The regular comparison with Nango.</summary>
public sealed class ResyncOptions
{
    /// <summary>Time between two comparisons of a resource that names no interval of its own.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(10);
}

/// <summary>Removal of integrations from Nango.</summary>
public sealed class DeletionOptions
{
    /// <summary>How long a deletion is retried, from its first real failure, before the resource is let go.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromHours(1);
}

/// <summary>Kubernetes Secrets.</summary>
public sealed class SecretOptions
{
    /// <summary>True: changes of Secrets are watched (metadata only); false: the next resync notices them.</summary>
    public bool Watch { get; set; } = true;
}

/// <summary>Nango's request limit, which the operator shares with whatever else uses the same account.</summary>
public sealed class RateLimitOptions
{
    /// <summary>Share of the limit, in percent, that the operator leaves to others.</summary>
    public int ReservePercent { get; set; } = 20;
}
