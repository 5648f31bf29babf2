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
    public static Leftover? Of(NangoIntegration? last, DateTimeOffset now) =>
        last is { HasFinalizer: true, IsDeleting: false, Spec: not null } && Ownership.RemoteKey(last) is { Length: > 0 }
            ? new Leftover(last, last.Status?.Nango?.CreatedAt, now)
            : null;
}
