using System.Globalization;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations;

/// <summary>Order of two versions of one object. Kubernetes compares them as whole numbers (client-go's mutation cache does, too).</summary>
public static class ResourceVersions
{
    /// <summary>True when one version is older than another; false when either is no number.</summary>
    public static bool IsOlder(NangoIntegration one, NangoIntegration other) =>
        ulong.TryParse(one.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var left)
        && ulong.TryParse(other.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var right)
        && left < right;
}
