using System.Collections.Concurrent;
using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>
/// The providers each Nango server knows: asked once, kept by the environment's grain for the cluster and here for a while, so that a
/// thousand new integrations of one provider cost one look-up. Absence means "ask again", never "unknown".
/// </summary>
public sealed class ProviderCatalogue(IEnvironmentGrains grains, TimeProvider time)
{
    /// <summary>How long a provider is kept: catalogues change with a server's version only.</summary>
    public static readonly TimeSpan KeepFound = TimeSpan.FromHours(1);

    /// <summary>How long a miss is kept: long enough to spare the server, short enough for one who has just upgraded it.</summary>
    public static readonly TimeSpan KeepMissing = TimeSpan.FromMinutes(1);

    /// <summary>How long the grain is not asked again.</summary>
    public static readonly TimeSpan KeepHere = TimeSpan.FromMinutes(5);

    private const int MaxEntries = 10_000;

    private readonly ConcurrentDictionary<(string Environment, string Provider), Lazy<Task<Entry>>> _entries = new();

    /// <summary>The provider as an environment's server knows it.</summary>
    /// <param name="environmentKey">Key of the environment.</param>
    /// <param name="provider">Name of the provider.</param>
    /// <param name="ask">Asks the server: the provider, or all names when it does not know it.</param>
    /// <param name="cancellationToken">Stops waiting; a look-up shared with others goes on.</param>
    /// <exception cref="FailureException">Terminal <see cref="Reasons.UnknownProvider"/>, with the nearest names; or the look-up failed.</exception>
    public async Task<NangoProvider> GetAsync(
        string environmentKey, string provider, Func<Task<(NangoProvider? Found, IReadOnlyList<string> Names)>> ask, CancellationToken cancellationToken)
    {
        var key = (environmentKey, provider);
        while (true)
        {
            // Not in the caller's context: that may be a grain which is gone before the others have their answer.
            var lazy = _entries.GetOrAdd(key, _ => new(() => Task.Run(() => LookUpAsync(environmentKey, provider, ask))));
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
            {
                var known = entry.Provider;
                return known.AuthMode is { } mode
                    ? new NangoProvider { Name = known.Name, DisplayName = known.DisplayName, AuthMode = mode }
                    : throw new FailureException(Unknown(provider, known.Nearest));
            }

            _entries.TryRemove(KeyValuePair.Create(key, lazy));
            if (_entries.Count > MaxEntries) _entries.Clear();
        }
    }

    private async Task<Entry> LookUpAsync(string environmentKey, string provider, Func<Task<(NangoProvider? Found, IReadOnlyList<string> Names)>> ask)
    {
        if (await grains.FindProviderAsync(environmentKey, provider) is { } shared && shared.Expires > time.GetUtcNow()) return Here(shared);
        var (found, names) = await ask();
        var now = time.GetUtcNow();
        var known = found is not null
            ? new KnownProvider { Name = found.Name, AuthMode = found.AuthMode, DisplayName = found.DisplayName, Expires = now + KeepFound }
            : new KnownProvider { Name = provider, Nearest = NameDistance.Nearest(provider, names), Expires = now + KeepMissing };
        await grains.KeepProviderAsync(environmentKey, known);
        return Here(known);
    }

    private Entry Here(KnownProvider known)
    {
        var longest = time.GetUtcNow() + KeepHere;
        return new Entry(known, known.Expires < longest ? known.Expires : longest);
    }

    private static Failure Unknown(string provider, IReadOnlyList<string> nearest) => new(
        FailureKind.Terminal,
        Reasons.UnknownProvider,
        $"spec.provider \"{provider}\" is not in the catalogue of this Nango server{(nearest.Count == 0 ? "" : $"; the nearest names are {string.Join(", ", nearest)}")}: use a name of the catalogue (GET /providers)");

    private sealed record Entry(KnownProvider Provider, DateTimeOffset Expires);
}
