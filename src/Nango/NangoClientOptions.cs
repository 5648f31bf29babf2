using Microsoft.Extensions.Options;

namespace NangoOrleans.Nango;

/// <summary>How the process speaks HTTP to Nango; the same for every environment.</summary>
public sealed class NangoClientOptions
{
    /// <summary>
    /// Time for one call, from waiting for a connection to the last byte of the answer. Default 15 s, between 1 s and 60 s: Nango
    /// itself gives up on its database only after 60 s.
    /// </summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Time for name resolution, TCP and TLS together. Default 5 s; not above <see cref="RequestTimeout"/>.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Longest answer in bytes for a single object. Default 1 MiB.</summary>
    public long MaxResponseBytes { get; set; } = 1L << 20;

    /// <summary>Longest answer in bytes for a list, which is parsed while it arrives. Default 64 MiB.</summary>
    public long MaxListResponseBytes { get; set; } = 64L << 20;

    /// <summary>
    /// How long an unused connection is kept. Default 45 s; below the 61 s after which Nango closes it, so that no request meets a
    /// connection that is just being closed.
    /// </summary>
    public TimeSpan PooledConnectionIdleTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>Connections to one server at a time. Default 64.</summary>
    public int MaxConnectionsPerServer { get; set; } = 64;

    /// <summary>
    /// Whether the process's proxy settings (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c>, …) are used. Default true. Behind a proxy it is the
    /// proxy that resolves names, so it is also the proxy that keeps callers out of private networks.
    /// </summary>
    public bool UseProxy { get; set; } = true;

    /// <summary>
    /// Origins (<c>scheme://host[:port]</c>, normalised) that may lie at loopback, link-local or private addresses: those which an
    /// administrator wrote down, see <see cref="BaseUrlPolicy.AdministratorOrigins"/>. Any other is refused at connect time.
    /// </summary>
    public ISet<string> PrivateAddressOrigins { get; } = new HashSet<string>(StringComparer.Ordinal);
}

/// <summary>Refuses settings that cannot work, at start.</summary>
internal sealed class NangoClientOptionsValidator : IValidateOptions<NangoClientOptions>
{
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(60);

    /// <summary>Nango's keep-alive is 61 s; one second is left for the way.</summary>
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(60);

    public ValidateOptionsResult Validate(string? name, NangoClientOptions options)
    {
        var problems = Problems(options).ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static IEnumerable<string> Problems(NangoClientOptions options)
    {
        if (options.RequestTimeout < TimeSpan.FromSeconds(1) || options.RequestTimeout > LongestRequest)
            yield return "RequestTimeout must be between 1 s and 60 s.";
        if (options.ConnectTimeout < TimeSpan.FromMilliseconds(100) || options.ConnectTimeout > options.RequestTimeout)
            yield return "ConnectTimeout must be between 100 ms and RequestTimeout.";
        if (options.MaxResponseBytes < 1024) yield return "MaxResponseBytes must be at least 1024.";
        if (options.MaxListResponseBytes < options.MaxResponseBytes)
            yield return "MaxListResponseBytes must not be less than MaxResponseBytes.";
        if (options.PooledConnectionIdleTimeout <= TimeSpan.Zero || options.PooledConnectionIdleTimeout > LongestIdle)
            yield return "PooledConnectionIdleTimeout must be above 0 and at most 60 s, because Nango closes idle connections after 61 s.";
        if (options.MaxConnectionsPerServer is < 1 or > 4096)
            yield return "MaxConnectionsPerServer must be between 1 and 4096.";
        if (options.PrivateAddressOrigins.Any(origin => !BaseUrl.TryParse(origin, out var url, out _) || url.Origin != origin))
            yield return "PrivateAddressOrigins must hold origins in normal form, for instance http://nango.nango.svc:3003.";
    }
}
