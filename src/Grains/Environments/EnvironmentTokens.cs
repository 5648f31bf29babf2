using System.Collections.Concurrent;
using NangoOrleans.Failures;
using NangoOrleans.Kubernetes;
using NangoOrleans.Resources;

namespace NangoOrleans.Environments;

/// <summary>A token as read; it never shows in <see cref="ToString"/>.</summary>
public sealed class EnvironmentTokenValue(string text, ObservedSecret secret)
{
    /// <summary>The token.</summary>
    public string Text { get; } = text;

    /// <summary>The Secret it came from.</summary>
    public ObservedSecret Secret { get; } = secret;

    /// <summary>Never the token.</summary>
    public override string ToString() => $"token of {Secret.Name}@{Secret.ResourceVersion}";
}

/// <summary>
/// The tokens of environment objects: read from their Secrets, kept for as long as the version is the one that was last found good,
/// so that a thousand integrations read it once and a new token is used by all of them from the moment on which it was tried.
/// </summary>
public sealed class EnvironmentTokens(ISecretReader secrets)
{
    private readonly ConcurrentDictionary<string, EnvironmentTokenValue> _known = new(StringComparer.Ordinal);

    /// <summary>The token in use.</summary>
    /// <param name="environment">The environment object.</param>
    /// <param name="acceptKnown">True: the last token read will do when the Secret is gone.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="FailureException">The Secret or its key is missing or may not be read.</exception>
    public async Task<EnvironmentTokenValue> GetAsync(NangoEnvironment environment, bool acceptKnown, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(environment.Metadata.Uid, out var known) && known.Secret == environment.Status?.TokenSecret) return known;
        try
        {
            return await ReadAsync(environment, cancellationToken);
        }
        catch (FailureException e) when (acceptKnown && known is not null && e.Failure.Reason is Reasons.SecretNotFound or Reasons.SecretForbidden)
        {
            return known!;
        }
    }

    /// <summary>The token as it stands in the Secret now.</summary>
    /// <param name="environment">The environment object.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="FailureException">The Secret or its key is missing or may not be read.</exception>
    public async Task<EnvironmentTokenValue> ReadAsync(NangoEnvironment environment, CancellationToken cancellationToken)
    {
        if (environment.Spec?.Token?.SecretKeyRef is not { Name.Length: > 0, Key.Length: > 0 } selector)
            throw Failing(FailureKind.Terminal, Reasons.InvalidSpec, "spec.token.secretKeyRef is missing: name the Secret and its key");
        var @namespace = environment.Id.IsClusterScoped ? selector.Namespace : environment.Id.Namespace;
        if (string.IsNullOrEmpty(@namespace))
            throw Failing(FailureKind.Terminal, Reasons.InvalidSpec, "spec.token.secretKeyRef.namespace is missing: name the namespace of the Secret");
        var secret = await secrets.ReadAsync(@namespace, selector.Name, cancellationToken)
            ?? throw Failing(FailureKind.Transient, Reasons.SecretNotFound, $"spec.token refers to Secret \"{selector.Name}\", which does not exist in namespace {@namespace}: create it");
        if (!secret.Values.TryGetValue(selector.Key, out var text))
            throw Failing(FailureKind.Transient, Reasons.SecretNotFound, $"spec.token refers to key \"{selector.Key}\" of Secret \"{selector.Name}\", which has no such key: add it to the Secret");
        if (text.Trim() is not { Length: > 0 } token)
            throw Failing(FailureKind.Terminal, Reasons.TokenMalformed, $"Key \"{selector.Key}\" of Secret \"{selector.Name}\" is empty: write the secret key of the Nango environment there");
        var value = new EnvironmentTokenValue(token, new ObservedSecret { Name = selector.Name, Uid = secret.Uid, ResourceVersion = secret.ResourceVersion });
        _known[environment.Metadata.Uid] = value;
        return value;
    }

    /// <summary>Drops a token that was refused.</summary>
    /// <param name="environment">The environment object.</param>
    public void Forget(NangoEnvironment environment) => _known.TryRemove(environment.Metadata.Uid, out _);

    private static FailureException Failing(FailureKind kind, string reason, string message) => new(new Failure(kind, reason, message));
}
