using NangoOrleans.Kubernetes;

namespace NangoOrleans.Clustering.Membership;

/// <summary>What a silo must be allowed to do in its own namespace. <c>get pods</c> is of use, too: it ties a Lease to its Pod.</summary>
public static class MembershipAccess
{
    /// <summary>The rights without which it can neither join nor stay.</summary>
    public static IReadOnlyList<RequiredAccess> Required { get; } =
    [
        new("get", ResourceType.OrleansClusters),
        new("create", ResourceType.OrleansClusters),
        new("patch", ResourceType.OrleansClusters),
        new("list", ResourceType.Leases),
        new("create", ResourceType.Leases),
        new("patch", ResourceType.Leases),
        new("delete", ResourceType.Leases),
    ];
}
