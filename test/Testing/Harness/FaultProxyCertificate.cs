using System.Security.Cryptography.X509Certificates;

namespace NangoOrleans.Testing;

/// <summary>A certificate authority of the proxy's own and a server certificate for loopback.</summary>
internal sealed record FaultProxyCertificate(string AuthorityPem, X509Certificate2 Server)
{
    public static FaultProxyCertificate Create(DateTimeOffset now)
    {
        using var authority = new TestAuthority("fault-proxy-ca", now);
        return new(authority.Pem, authority.IssueForLoopback());
    }
}
