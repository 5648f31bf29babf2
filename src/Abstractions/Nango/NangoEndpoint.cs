using System.Security.Cryptography;
using System.Text;
using NangoOrleans.Environments;

namespace NangoOrleans.Nango;

/// <summary>Where to speak to Nango and as whom: one environment of one account.</summary>
public sealed class NangoEndpoint
{
    private readonly string _token;

    /// <summary>An endpoint.</summary>
    /// <param name="baseUrl">Normalised base URL without trailing slash (<see cref="BaseUrl"/>).</param>
    /// <param name="token">Secret key of the environment.</param>
    public NangoEndpoint(string baseUrl, string token)
    {
        BaseUrl = baseUrl;
        _token = token;
        // Nango keys are random UUIDs (122 bits), so a short digest tells them apart and gives nothing away.
        EnvironmentKey = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{baseUrl}\n{token}")).AsSpan(0, 8));
    }

    /// <summary>The endpoint of an environment object: another token is still the same environment.</summary>
    /// <param name="baseUrl">Normalised base URL without trailing slash.</param>
    /// <param name="token">Secret key of the environment.</param>
    /// <param name="environmentKey">Uid of the object.</param>
    /// <param name="caBundle">Certificates (PEM) to trust instead of the system's; null for the system's.</param>
    public NangoEndpoint(string baseUrl, string token, string environmentKey, string? caBundle)
    {
        (BaseUrl, _token, EnvironmentKey) = (baseUrl, token, environmentKey);
        CaBundle = string.IsNullOrWhiteSpace(caBundle) ? null : caBundle;
    }

    /// <summary>Scheme, host, port (when not the default) and path, for instance <c>https://api.nango.dev</c>.</summary>
    public string BaseUrl { get; }

    /// <summary>Tells environments apart: the uid of an environment object, or 16 hex digits of a digest of base URL and token.</summary>
    public string EnvironmentKey { get; }

    /// <summary>Certificates (PEM) to trust instead of the system's; null for the system's.</summary>
    public string? CaBundle { get; }

    /// <summary>What the environment object says of Nango's request limit; null when it says nothing.</summary>
    public RequestLimits? Limits { get; init; }

    /// <summary>The secret key, for the Authorization header alone.</summary>
    public string RevealToken() => _token;

    /// <summary>Never the token.</summary>
    public override string ToString() => $"{BaseUrl}#{EnvironmentKey}";
}
