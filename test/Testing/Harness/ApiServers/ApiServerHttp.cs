using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using k8s;

namespace NangoOrleans.Testing.ApiServers;

/// <summary>Plain HTTP to an API server: what a test sees is exactly what was on the wire.</summary>
public static class ApiServerHttp
{
    /// <summary>A client with the server's address, trust and all rights.</summary>
    /// <param name="server">The server.</param>
    public static HttpClient CreateHttpClient(this IApiServer server) => server.CreateClientConfiguration().CreateHttpClient();

    /// <summary>A client with the address, trust and token of a configuration.</summary>
    /// <param name="configuration">As read from a kubeconfig.</param>
    public static HttpClient CreateHttpClient(this KubernetesClientConfiguration configuration)
    {
        var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = Validator(configuration.SslCaCerts) } };
        var client = new HttpClient(handler) { BaseAddress = new Uri(configuration.Host.TrimEnd('/') + "/") };
        if (configuration.AccessToken is { Length: > 0 } token)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    private static RemoteCertificateValidationCallback Validator(X509Certificate2Collection? roots) => (_, certificate, _, errors) =>
    {
        if (errors == SslPolicyErrors.None) return true;
        if (certificate is null || roots is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var copy = new X509Certificate2(certificate);
        return chain.Build(copy);
    };
}
