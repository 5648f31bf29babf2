using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NangoOrleans.Testing;

/// <summary>A certificate authority of a test's own; its key never leaves the process.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly DateTimeOffset _now;

    /// <summary>A new authority.</summary>
    /// <param name="name">Its common name.</param>
    /// <param name="now">The time; certificates are valid from an hour before.</param>
    public TestAuthority(string name, DateTimeOffset now)
    {
        _now = now;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _certificate = request.CreateSelfSigned(now.AddDays(-3), now.AddDays(2));
    }

    /// <summary>The authority's certificate, for whoever shall trust it.</summary>
    public string Pem => _certificate.ExportCertificatePem();

    /// <summary>A server certificate for 127.0.0.1 and localhost, valid for a day.</summary>
    public X509Certificate2 IssueForLoopback()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        return Issue(names, _now.AddDays(1));
    }

    /// <summary>A server certificate for another name.</summary>
    /// <param name="name">The name.</param>
    public X509Certificate2 IssueFor(string name)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        return Issue(names, _now.AddDays(1));
    }

    /// <summary>A server certificate for loopback that was valid until a day ago.</summary>
    public X509Certificate2 IssueExpired()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        return Issue(names, _now.AddDays(-1));
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    private X509Certificate2 Issue(SubjectAlternativeNameBuilder names, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test-server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.Create(_certificate, _now.AddDays(-2), until, RandomNumberGenerator.GetBytes(12));
        using var withKey = bare.CopyWithPrivateKey(key);

        // Some platforms' TLS wants the key in a store, which only an import gives.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null);
    }
}
