using System.Globalization;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Planning;

/// <summary>Nango cannot carry a mark of ownership, so it is told from times.</summary>
public static class Ownership
{
    /// <summary>
    /// True when an integration was made after the resource: then it may be the work of a run whose report was cut off.
    /// The clocks are of two machines; a creation in the very second of the resource counts as younger.
    /// </summary>
    public static bool IsYoungerThan(RemoteIntegration remote, NangoIntegration resource) =>
        DateTimeOffset.TryParse(remote.CreatedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created)
        && created >= resource.Metadata.CreationTimestamp;
}
