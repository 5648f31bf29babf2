using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace NangoOrleans.Testing.ApiServer.Hosting;

/// <summary>Trusts one certificate authority and nothing else.</summary>
internal sealed class TrustingHandler : DelegatingHandler
{
    public TrustingHandler(string authorityPem)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(authorityPem));
        InnerHandler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
            EnableMultipleHttp2Connections = true,
        };
    }
}
