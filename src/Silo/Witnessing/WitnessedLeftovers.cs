using NangoOrleans.Integrations;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Witnessing;

/// <summary>What this silo remembers for others. Thread-safe.</summary>
internal sealed class WitnessedLeftovers(ReconcileOptions options, TimeProvider time)
{
    // Whoever has it gives up before; what is older was forgotten by everybody but us.
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);

    /// <summary>How much is remembered.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                Prune();
                return _held.Count;
            }
        }
    }

    /// <summary>Remembers something.</summary>
    /// <param name="leftover">What.</param>
    /// <param name="holder">The silo whose grain has it.</param>
    public void Keep(Leftover leftover, SiloAddress holder)
    {
        lock (_lock) _held[leftover.Uid] = new Held(_held.TryGetValue(leftover.Uid, out var known) ? Leftovers.Join(known.Leftover, leftover) : leftover, holder);
    }

    /// <summary>Forgets it.</summary>
    /// <param name="uid">Uid of the resource.</param>
    public void Forget(string uid)
    {
        lock (_lock) _held.Remove(uid);
    }

    /// <summary>
    /// What nobody holds any more. It stays remembered until whoever takes it over says so: that silo may go, too, before it could.
    /// </summary>
    /// <param name="isGone">Whether a silo is known to be gone.</param>
    public IReadOnlyList<Leftover> Orphans(Func<SiloAddress, bool> isGone)
    {
        lock (_lock)
        {
            Prune();
            return [.. _held.Values.Where(held => isGone(held.Holder)).Select(held => held.Leftover)];
        }
    }

    private void Prune()
    {
        var oldest = time.GetUtcNow() - options.DeletionGiveUpAfter - Margin;
        foreach (var expired in _held.Values.Where(held => held.Leftover.Since < oldest).ToList()) _held.Remove(expired.Leftover.Uid);
    }

    private sealed record Held(Leftover Leftover, SiloAddress Holder);
}
