using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Planning;

/// <summary>Tells a resource that went without our leave from one whose deletion was seen through. Pure.</summary>
public static class Leftovers
{
    /// <summary>
    /// What may be left in Nango of a resource that is gone. A DELETE that read it before our finalizer was on does not respect the finalizer
    /// (kubernetes/kubernetes#77988): then it was on to the last, and a deletion never stood in the object. Whoever takes a finalizer off by hand
    /// wants the operator to forget; that leaves none. One that a label selector does not select any more looks the same: a read tells.
    /// </summary>
    /// <param name="last">The redacted resource as the watch last showed it; null when nobody saw.</param>
    /// <param name="now">The time.</param>
    /// <param name="bySelector">True when a label selector is watched by.</param>
    public static Leftover? Of(NangoIntegration? last, DateTimeOffset now, bool bySelector = false) =>
        last is { HasFinalizer: true, IsDeleting: false, Spec: not null } && Ownership.RemoteKey(last) is { Length: > 0 }
            ? new Leftover(last, last.Status?.Nango?.CreatedAt, now, bySelector)
            : null;

    /// <summary>What is known of several, once for each uid.</summary>
    /// <param name="older">Told earlier.</param>
    /// <param name="newer">Told later.</param>
    public static IReadOnlyList<Leftover>? Join(IReadOnlyList<Leftover>? older, IReadOnlyList<Leftover>? newer)
    {
        if (older is null || newer is null) return older ?? newer;
        return [.. older.Concat(newer).GroupBy(one => one.Uid, StringComparer.Ordinal).Select(same => same.Aggregate(Join))];
    }

    /// <summary>What is known of one: the newer resource, the earlier time, and whatever is known of what was made.</summary>
    /// <param name="older">Told earlier.</param>
    /// <param name="newer">Told later, of the same uid.</param>
    public static Leftover Join(Leftover older, Leftover newer) => newer with
    {
        CreatedAt = newer.CreatedAt ?? older.CreatedAt,
        Since = older.Since < newer.Since ? older.Since : newer.Since,
    };
}
