using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using NangoOrleans.Resources;

namespace NangoOrleans.Clustering.Membership;

/// <summary>Names of our objects in Kubernetes. What Kubernetes would refuse is shortened and cleaned, and told apart by a hash.</summary>
internal static partial class ObjectNames
{
    private const int LongestName = 253, LongestLabel = 63, HashDigits = 10;

    /// <summary>Name of the OrleansCluster of a cluster.</summary>
    /// <param name="clusterId">Orleans ClusterId.</param>
    public static string Cluster(string clusterId) => Clean(clusterId, LongestName);

    /// <summary>Value of the label that marks the Leases of a cluster.</summary>
    /// <param name="clusterId">Orleans ClusterId.</param>
    public static string ClusterLabel(string clusterId) => Clean(clusterId, LongestLabel);

    /// <summary>Name of a silo's Lease.</summary>
    /// <param name="siloName">Name of the silo.</param>
    public static string Lease(string siloName) => OrleansApi.SiloLeasePrefix + Clean(siloName, LongestName - OrleansApi.SiloLeasePrefix.Length);

    /// <summary>Whether a Pod can have this name.</summary>
    /// <param name="name">The name.</param>
    public static bool IsPodName(string name) => name.Length <= LongestName && Valid().IsMatch(name);

    private static string Clean(string text, int longest)
    {
        if (text.Length <= longest && Valid().IsMatch(text)) return text;
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];
        var clean = Refused().Replace(text.ToLowerInvariant(), "-").Trim('-');
        return clean.Length == 0 ? hash : $"{clean[..Math.Min(clean.Length, longest - HashDigits - 1)].TrimEnd('-')}-{hash}";
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", RegexOptions.ExplicitCapture)]
    private static partial Regex Valid();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Refused();
}
