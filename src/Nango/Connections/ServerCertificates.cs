using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <summary>Judges certificates of servers by the system's authorities or by a bundle, and says what is wrong with one.</summary>
internal static class ServerCertificates
{
    /// <summary>TLS settings.</summary>
    /// <param name="bundle">Certificates (PEM) to trust instead of the system's; null for the system's.</param>
    public static SslClientAuthenticationOptions Options(string? bundle) => new()
    {
        CertificateChainPolicy = bundle is null ? null : TrustOnly(bundle),
        RemoteCertificateValidationCallback = (_, _, chain, errors) =>
            errors == SslPolicyErrors.None ? true : throw new FailureException(Judge(errors, chain, hasBundle: bundle is not null)),
    };

    private static Failure Judge(SslPolicyErrors errors, X509Chain? chain, bool hasBundle)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable)) return Refuse("The server shows no certificate: check spec.nango_base_url");
        // The most useful remark first: a certificate of an unknown authority is mostly for the right name.
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            var status = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
            if (status == X509ChainStatusFlags.NotTimeValid) return Refuse("The server's certificate has expired or is not valid yet: renew it");
            return Refuse(hasBundle
                ? "The server's certificate does not come from an authority in spec.ca_bundle: put the certificate of its authority there"
                : "The server's certificate comes from an authority that the operator does not trust: put the certificate of its authority into spec.ca_bundle of an environment object");
        }

        return Refuse("The server's certificate is not for the host of spec.nango_base_url: correct the base URL or the certificate");
    }

    // Retried: it is the server's certificate that gets better, and nobody tells us.
    private static Failure Refuse(string message) => new(FailureKind.Transient, Reasons.CertificateRefused, message + ".");

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
