using System.Collections.Concurrent;

namespace NangoOrleans.FakeNango;

/// <summary>Everything the one account of a fake Nango remembers.</summary>
public sealed class NangoState
{
    private readonly ConcurrentDictionary<string, ApiKey> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, NangoEnvironment> _environments = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _sharedApps;

    internal NangoState(FakeNangoOptions options)
    {
        DefaultEnvironment = options.Environment;
        _sharedApps = new(options.SharedApps, StringComparer.Ordinal);
        if (options.Token is { } token)
            AddKey(ApiKey.For(token, options.Environment));
        foreach (var key in options.Keys)
            AddKey(key);
    }

    /// <summary>Where controls act that name no environment.</summary>
    public string DefaultEnvironment { get; }

    /// <summary>All environments that have been touched.</summary>
    public IReadOnlyCollection<NangoEnvironment> Environments => [.. _environments.Values];

    /// <summary>An environment by name; made at first use. Null means the default one.</summary>
    public NangoEnvironment Environment(string? name = null) =>
        _environments.GetOrAdd(name ?? DefaultEnvironment, static environment => new(environment));

    /// <summary>Makes a key valid, or replaces the scopes of a known one.</summary>
    public void AddKey(ApiKey key)
    {
        if (!ApiKey.IsUuidV4(key.Secret))
            throw new ArgumentException("A Nango key is a UUID v4", nameof(key));
        // Nango's keys are lower case, and an upper-cased one is unknown to it.
        var secret = key.Secret.ToLowerInvariant();
        _keys[secret] = key with { Secret = secret };
    }

    /// <summary>From now on the key is answered 401 <c>unknown_account</c>.</summary>
    public bool RevokeKey(string secret) => _keys.TryRemove(secret, out _);

    /// <summary>Lets a provider accept quickstart, with these comma-separated scopes.</summary>
    public void AddSharedApp(string provider, string scopes) => _sharedApps[provider] = scopes;

    internal ApiKey? FindKey(string secret) => _keys.GetValueOrDefault(secret);

    internal string? SharedAppScopes(string provider) => _sharedApps.GetValueOrDefault(provider);

    /// <summary>Forgets all integrations and connections; keys stay.</summary>
    public void Clear()
    {
        foreach (var environment in _environments.Values)
            environment.Clear();
    }
}
