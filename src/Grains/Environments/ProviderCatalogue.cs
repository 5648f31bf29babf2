using System.Collections.Concurrent;
using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>
/// The providers each Nango server knows, asked once and kept: a thousand new integrations of one provider cost one look-up.
/// Absence in the cache means "ask again", never "unknown".
/// </summary>
public sealed class ProviderCatalogue(TimeProvider time)
{
    /// <summary>How long a provider is kept: catalogues change with a server's version only.</summary>
    public static readonly TimeSpan KeepFound = TimeSpan.FromHours(1);

    /// <summary>How long a miss is kept: long enough to spare the server, short enough for one who has just upgraded it.</summary>
    public static readonly TimeSpan KeepMissing = TimeSpan.FromMinutes(1);

    private const int MaxEntries = 10_000;

    private readonly ConcurrentDictionary<(string Environment, string Provider), Lazy<Task<Entry>>> _entries = new();

    /// <summary>The provider as an environment's server knows it.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="provider">Name of the provider.</param>
    /// <param name="client">Client for the environment.</param>
    /// <param name="cancellationToken">Stops waiting; a look-up shared with others goes on.</param>
    /// <exception cref="FailureException">Terminal <see cref="Reasons.UnknownProvider"/>, with the nearest names; or the look-up failed.</exception>
    public async Task<NangoProvider> GetAsync(string environmentKey, string provider, INangoClient client, CancellationToken cancellationToken)
    {
        var key = (environmentKey, provider);
        while (true)
        {
            var lazy = _entries.GetOrAdd(key, _ => new(() => LookUpAsync(provider, client)));
            Entry entry;
            try
            {
                entry = await lazy.Value.WaitAsync(cancellationToken);
            }
            catch when (lazy.Value.IsFaulted || lazy.Value.IsCanceled)
            {
                _entries.TryRemove(KeyValuePair.Create(key, lazy));
                throw;
            }

            if (entry.Expires > time.GetUtcNow())
                return entry.Provider ?? throw new FailureException(Unknown(provider, entry.Nearest));
            _entries.TryRemove(KeyValuePair.Create(key, lazy));
            if (_entries.Count > MaxEntries) _entries.Clear();
        }
    }

    /// <summary>The provider, if it is known already; null means only that it must be asked for.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="provider">Name of the provider.</param>
    public async ValueTask<NangoProvider?> FindAsync(string environmentKey, string provider)
    {
        if (!_entries.TryGetValue((environmentKey, provider), out var lazy) || lazy is not { IsValueCreated: true, Value.IsCompletedSuccessfully: true }) return null;
        var entry = await lazy.Value;
        return entry.Expires > time.GetUtcNow() ? entry.Provider : null;
    }

    // Not bound to the caller's cancellation: others wait for the same answer. The client's own timeout bounds it.
    private async Task<Entry> LookUpAsync(string provider, INangoClient client)
    {
        var found = await client.GetProviderAsync(provider, CancellationToken.None);
        if (found is not null) return new Entry(found, [], time.GetUtcNow() + KeepFound);
        var names = await client.ListProviderNamesAsync(CancellationToken.None);
        return new Entry(null, NameDistance.Nearest(provider, names), time.GetUtcNow() + KeepMissing);
    }

    private static Failure Unknown(string provider, IReadOnlyList<string> nearest) => new(
        FailureKind.Terminal,
        Reasons.UnknownProvider,
        $"spec.provider \"{provider}\" is not in the catalogue of this Nango server{(nearest.Count == 0 ? "" : $"; the nearest names are {string.Join(", ", nearest)}")}: use a name of the catalogue (GET /providers)");

    private sealed record Entry(NangoProvider? Provider, IReadOnlyList<string> Nearest, DateTimeOffset Expires);
}
