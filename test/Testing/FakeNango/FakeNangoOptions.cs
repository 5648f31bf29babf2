namespace NangoOrleans.FakeNango;

/// <summary>How a fake Nango starts. Only <see cref="Token"/> or <see cref="Keys"/> must be given.</summary>
public sealed class FakeNangoOptions
{
    /// <summary>Secret of the key born with the environment ("Default - Full access"): a lower-case UUID v4.</summary>
    public string? Token { get; init; }

    /// <summary>Environment of <see cref="Token"/>.</summary>
    public string Environment { get; init; } = "dev";

    /// <summary>More keys, each with its environment and scopes.</summary>
    public IReadOnlyList<ApiKey> Keys { get; init; } = [];

    /// <summary>TCP port on loopback; 0 picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>Certificate to serve https with; null serves plain http.</summary>
    public System.Security.Cryptography.X509Certificates.X509Certificate2? Certificate { get; init; }

    /// <summary>Points per window of the account, shared by all keys and environments; null switches the limiter off.</summary>
    public int? RateLimitPerMinute { get; init; }

    /// <summary>Length of the limiter's window: 60 s as in Nango, shorter for tests that need several.</summary>
    public TimeSpan RateLimitWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Clock of time stamps, rate window and injected delays.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Calls the journal keeps; older ones are forgotten, their counts are not.</summary>
    public int JournalCapacity { get; init; } = 200_000;

    /// <summary>Keeps whole request bodies in the journal, secrets included. Never shown over HTTP.</summary>
    public bool KeepBodies { get; init; }

    /// <summary>Lets concurrent POSTs of one key pass the existence check together, so that losers get 500 as on real Nango.</summary>
    public bool DuplicateCreatesRace { get; init; }

    /// <summary>Providers with a Nango-provided developer app, and its scopes: those accept quickstart.</summary>
    public IReadOnlyDictionary<string, string> SharedApps { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Largest request body in bytes after inflation; a larger one is answered 500, not 413.</summary>
    public long BodyLimit { get; init; } = 75L * 1024 * 1024;

    /// <summary>Seed of fault probabilities; null takes a random one.</summary>
    public int? RandomSeed { get; init; }
}
