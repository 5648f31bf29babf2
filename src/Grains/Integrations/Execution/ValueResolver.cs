using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Integrations.Validation;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Execution;

/// <summary>Puts the desired values together: inline values, Secrets, the operator's default credential.</summary>
public sealed class ValueResolver(ISecretReader secrets, INangoAccess access, EnvironmentResolver environments)
{
    /// <summary>Resolves every reference of a complete, valid resource.</summary>
    /// <param name="resource">The resource with its inline values.</param>
    /// <param name="baseUrl">Its base URL, checked and normalised.</param>
    /// <param name="environment">The environment object it refers to; null for its own token.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="FailureException">A Secret or key is missing, or the default credential may not be used.</exception>
    public async Task<ResolvedValues> ResolveAsync(NangoIntegration resource, string baseUrl, NangoEnvironment? environment, CancellationToken cancellationToken)
    {
        var reading = new Reading(secrets, resource.Metadata.Namespace);
        var spec = resource.Spec!;
        var endpoint = environment is null
            ? new NangoEndpoint(baseUrl, await ResolveTokenAsync(reading, spec, resource.Metadata.Namespace, baseUrl, cancellationToken))
            : await environments.GetEndpointAsync(environment, baseUrl, resource.IsDeleting, cancellationToken);
        // A resource on its way out needs the token only: credentials that are gone must not hold it up.
        var credentials = resource.IsDeleting || spec.Credentials is null ? null : await ResolveCredentialsAsync(reading, spec.Credentials, cancellationToken);
        return new ResolvedValues(endpoint, credentials, reading.Observed);
    }

    private async Task<string> ResolveTokenAsync(Reading reading, NangoIntegrationSpec spec, string @namespace, string baseUrl, CancellationToken cancellationToken)
    {
        // Of a resource that is gone only a redacted copy is left.
        if (spec.NangoToken is { IsRedacted: true })
            throw Terminal(Reasons.CredentialGone, "The token stood in the resource itself, and went with it.");
        if (spec.NangoToken is { Expansion: null } own && await reading.ValueAsync("spec.nango_token", own, cancellationToken) is { } text)
        {
            return text.Trim() is { Length: > 0 } token
                ? token
                : throw Terminal(Reasons.InvalidSpec, "spec.nango_token is empty: give the secret key of a Nango environment, or leave it out to use the operator's default credential");
        }

        var answer = access.GetDefaultCredential(@namespace, baseUrl);
        return answer.Token ?? throw new FailureException(answer.Refusal!);
    }

    private static async Task<RemoteCredentials> ResolveCredentialsAsync(Reading reading, IntegrationCredentials credentials, CancellationToken cancellationToken)
    {
        var whole = credentials.SecretRef is { } reference
            ? await reading.SecretAsync("spec.credentials.secret_ref", reference.Name, optional: false, cancellationToken)
            : null;
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in CredentialsRules.SensitiveFields(credentials))
            values[name] = value is null ? FromWhole(name) : await reading.ValueAsync($"spec.credentials.{name}", value, cancellationToken);
        return new RemoteCredentials
        {
            Type = credentials.Type!,
            ClientId = values["client_id"],
            ClientSecret = values["client_secret"],
            WebhookSecret = values["webhook_secret"],
            AppId = values["app_id"],
            PrivateKey = values["private_key"]?.TrimEnd('\r', '\n'),
            Scopes = credentials.Scopes ?? FromWhole("scopes"),
            AppLink = credentials.AppLink ?? FromWhole("app_link"),
        };

        string? FromWhole(string name) => CredentialsRules.HasField(credentials.Type!, name) ? whole?.Values.GetValueOrDefault(name) : null;
    }

    private static FailureException Terminal(string reason, string message) => new(new Failure(FailureKind.Terminal, reason, message));

    // Reads each Secret once a run and remembers which version was used.
    private sealed class Reading(ISecretReader secrets, string @namespace)
    {
        private readonly Dictionary<string, SecretData?> _read = new(StringComparer.Ordinal);

        public IReadOnlyList<ObservedSecret> Observed =>
        [
            .. _read.OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new ObservedSecret { Name = pair.Key, Uid = pair.Value?.Uid ?? "", ResourceVersion = pair.Value?.ResourceVersion ?? "" }),
        ];

        public async Task<string?> ValueAsync(string field, SensitiveValue value, CancellationToken cancellationToken)
        {
            if (value.SecretKeyRef is not { } selector) return value.Reveal();
            var optional = selector.Optional == true;
            var secret = await SecretAsync(field, selector.Name, optional, cancellationToken);
            if (secret is null) return null;
            return secret.Values.TryGetValue(selector.Key, out var text) || optional
                ? text
                : throw Missing($"{field} refers to key \"{selector.Key}\" of Secret \"{selector.Name}\", which has no such key: add it to the Secret");
        }

        public async Task<SecretData?> SecretAsync(string field, string name, bool optional, CancellationToken cancellationToken)
        {
            if (!_read.TryGetValue(name, out var secret))
            {
                secret = await secrets.ReadAsync(@namespace, name, cancellationToken);
                _read[name] = secret;
            }

            return secret is not null || optional
                ? secret
                : throw Missing($"{field} refers to Secret \"{name}\", which does not exist in namespace {@namespace}: create it");
        }

        private static FailureException Missing(string message) => new(new Failure(FailureKind.Transient, Reasons.SecretNotFound, message));
    }
}
