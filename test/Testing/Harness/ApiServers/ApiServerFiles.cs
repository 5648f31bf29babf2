using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace NangoOrleans.Testing.ApiServers;

/// <summary>Everything a real API server reads at start, in one temporary folder: certificates, tokens, kubeconfigs.</summary>
internal sealed class ApiServerFiles : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _adminToken = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly string _nobodyToken = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    public ApiServerFiles(TimeProvider clock)
    {
        Folder = Directory.CreateTempSubdirectory("nango-orleans-apiserver-").FullName;
        WriteCertificates(clock.GetUtcNow());
        WriteSecret(Tokens, $"{_adminToken},admin,admin,\"system:masters\"\n{_nobodyToken},nobody,nobody\n");
    }

    public string Folder { get; }

    public string CaCertificate => In("ca.crt");

    public string ServerCertificate => In("apiserver.crt");

    public string ServerKey => In("apiserver.key");

    public string ServiceAccountKey => In("sa.key");

    public string ServiceAccountPublicKey => In("sa.pub");

    public string Tokens => In("tokens.csv");

    public string Kubeconfig => In("kubeconfig");

    public string NobodyKubeconfig => In("kubeconfig.nobody");

    public string In(string name) => Path.Combine(Folder, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(In(name), content);
        return In(name);
    }

    public void WriteKubeconfigs(Uri server)
    {
        WriteSecret(Kubeconfig, KubeconfigFor(server, _adminToken));
        WriteSecret(NobodyKubeconfig, KubeconfigFor(server, _nobodyToken));
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }

    private string KubeconfigFor(Uri server, string token) =>
        $$$"""
        apiVersion: v1
        kind: Config
        clusters: [{name: test, cluster: {server: "{{{server.GetLeftPart(UriPartial.Authority)}}}", certificate-authority-data: {{{Convert.ToBase64String(File.ReadAllBytes(CaCertificate))}}}}}]
        contexts: [{name: test, context: {cluster: test, user: test}}]
        current-context: test
        users: [{name: test, user: {token: {{{token}}}}}]

        """;

    private void WriteCertificates(DateTimeOffset now)
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=test-ca", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        caRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        using var ca = caRequest.CreateSelfSigned(now.AddHours(-1), now.AddDays(2));
        File.WriteAllText(CaCertificate, ca.ExportCertificatePem());

        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        names.AddDnsName("kubernetes.default.svc");
        var serverRequest = new CertificateRequest("CN=kube-apiserver", serverKey, HashAlgorithmName.SHA256);
        serverRequest.CertificateExtensions.Add(names.Build());
        serverRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        serverRequest.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var server = serverRequest.Create(ca, now.AddHours(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(12));
        File.WriteAllText(ServerCertificate, server.ExportCertificatePem());
        WriteSecret(ServerKey, serverKey.ExportPkcs8PrivateKeyPem());

        using var serviceAccountKey = RSA.Create(2048);
        WriteSecret(ServiceAccountKey, serviceAccountKey.ExportRSAPrivateKeyPem());
        File.WriteAllText(ServiceAccountPublicKey, serviceAccountKey.ExportSubjectPublicKeyInfoPem());
    }

    private static void WriteSecret(string path, string content)
    {
        File.WriteAllText(path, content);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, OwnerOnly);
    }
}
