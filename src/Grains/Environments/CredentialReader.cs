using NangoOrleans.Failures;
using NangoOrleans.Integrations;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Environments;

/// <inheritdoc cref="ICredentialReader"/>
public sealed class CredentialReader(IIntegrationStore store, ISecretReader secrets, INangoAccess access) : ICredentialReader
{
    /// <inheritdoc/>
    public async Task<NangoEndpoint> ReadAsync(EnvironmentCredential credential, CancellationToken cancellationToken)
    {
        if (credential.Kind == CredentialKind.EnvironmentObject)
            throw Refuse(Reasons.NotSupported, "spec.environment_ref is not acted on by this version: give spec.nango_token and spec.nango_base_url");

        // Checked again here: the list of base URLs is a security boundary, and a reference may be older than a change of it.
        var answer = access.CheckBaseUrl(credential.BaseUrl);
        var baseUrl = answer.BaseUrl ?? throw new FailureException(answer.Refusal!);
        var token = credential.Kind switch
        {
            CredentialKind.InlineOf => await ReadInlineAsync(credential, baseUrl, cancellationToken),
            CredentialKind.Secret => await ReadSecretAsync(credential, cancellationToken),
            _ => GetDefault(credential, baseUrl),
        };
        return token.Trim() is { Length: > 0 } trimmed
            ? new NangoEndpoint(baseUrl, trimmed)
            : throw Refuse(Reasons.InvalidSpec, "spec.nango_token is empty: give the secret key of a Nango environment, or leave it out to use the operator's default credential");
    }

    private async Task<string> ReadInlineAsync(EnvironmentCredential credential, string baseUrl, CancellationToken cancellationToken)
    {
        var holder = new IntegrationKey(credential.Namespace!, credential.Name!);
        var spec = (await store.GetAsync(holder, cancellationToken))?.Spec;
        // A token must never go to another server than the one its holder names beside it.
        var sameServer = spec is not null && string.Equals(access.CheckBaseUrl(spec.NangoBaseUrl).BaseUrl, baseUrl, StringComparison.Ordinal);
        return sameServer && spec!.NangoToken is { Kind: SensitiveValueKind.Literal } token
            ? token.Reveal()
            : throw new FailureException(new Failure(FailureKind.Transient, Reasons.ObjectChanged, $"{holder} does not hold a token for {baseUrl} any more."));
    }

    private async Task<string> ReadSecretAsync(EnvironmentCredential credential, CancellationToken cancellationToken)
    {
        var secret = await secrets.ReadAsync(credential.Namespace!, credential.Name!, cancellationToken);
        return secret?.Values.GetValueOrDefault(credential.Key!)
            ?? throw Refuse(Reasons.SecretNotFound, $"spec.nango_token refers to key \"{credential.Key}\" of Secret \"{credential.Name}\" in namespace {credential.Namespace}, which is not there: create it");
    }

    private string GetDefault(EnvironmentCredential credential, string baseUrl)
    {
        var answer = access.GetDefaultCredential(credential.Namespace!, baseUrl);
        return answer.Token ?? throw new FailureException(answer.Refusal!);
    }

    private static FailureException Refuse(string reason, string message) => new(new Failure(FailureKind.Terminal, reason, message));
}
