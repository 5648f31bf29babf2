using NangoOrleans.Resources;

namespace NangoOrleans.Clustering.Membership;

/// <summary>Orleans' membership entries as rows of an <see cref="OrleansCluster"/>, and back.</summary>
internal static class MembershipRows
{
    /// <summary>A row for a silo.</summary>
    /// <param name="entry">What Orleans wants to be known of it.</param>
    /// <param name="version">Version of the table that this change makes.</param>
    /// <param name="before">The row as it stood; null for a new one.</param>
    public static OrleansSilo ToRow(MembershipEntry entry, int version, OrleansSilo? before = null) => new()
    {
        Address = Address(entry.SiloAddress),
        Status = entry.Status.ToString(),
        Name = entry.SiloName,
        HostName = entry.HostName,
        GatewayPort = entry.ProxyPort,
        RoleName = entry.RoleName,
        UpdateZone = entry.UpdateZone,
        FaultZone = entry.FaultZone,
        StartTime = ToTime(entry.StartTime),
        AliveTime = ToTime(entry.IAmAliveTime),
        Suspicions = [.. (entry.SuspectTimes ?? []).Select(suspect => new OrleansSuspicion { By = Address(suspect.Item1), At = ToTime(suspect.Item2) })],
        ChangedIn = version,
        Others = before?.Others,
    };

    /// <summary>What a row says.</summary>
    /// <param name="row">The row.</param>
    /// <param name="lastHeartbeat">Last sign of life in the silo's Lease; null for none.</param>
    /// <exception cref="FormatException">The row was not written by a silo.</exception>
    public static MembershipEntry ToEntry(OrleansSilo row, DateTimeOffset? lastHeartbeat) => new()
    {
        SiloAddress = SiloAddress.FromParsableString(row.Address),
        Status = ToStatus(row),
        SiloName = row.Name ?? "",
        HostName = row.HostName ?? "",
        ProxyPort = row.GatewayPort,
        RoleName = row.RoleName,
        UpdateZone = row.UpdateZone,
        FaultZone = row.FaultZone,
        StartTime = row.StartTime.UtcDateTime,
        IAmAliveTime = (lastHeartbeat > row.AliveTime ? lastHeartbeat.Value : row.AliveTime).UtcDateTime,
        SuspectTimes = [.. row.Suspicions.Select(suspicion => Tuple.Create(SiloAddress.FromParsableString(suspicion.By), suspicion.At.UtcDateTime))],
    };

    /// <summary>A silo's address, generation included, as it stands in the table and in its Lease.</summary>
    /// <param name="address">The address.</param>
    public static string Address(SiloAddress address) => address.ToParsableString();

    /// <summary>Puts a table together from one that went back and what is known; who was declared dead in either stays so.</summary>
    /// <param name="known">The newest version that this silo has seen.</param>
    /// <param name="found">The older one that stands in the object now.</param>
    public static OrleansClusterSpec Join(OrleansClusterSpec known, OrleansClusterSpec found)
    {
        var version = known.Version + 1;
        var rows = known.Silos.Concat(found.Silos).GroupBy(row => row.Address, StringComparer.Ordinal)
            .Select(same => (same.FirstOrDefault(row => row.Status == nameof(SiloStatus.Dead)) ?? same.First()) with { ChangedIn = version });
        return known with { Version = version, Silos = [.. rows] };
    }

    private static SiloStatus ToStatus(OrleansSilo row) =>
        Enum.TryParse<SiloStatus>(row.Status, out var status) ? status : throw new FormatException($"The OrleansCluster gives silo {row.Address} the unknown status {row.Status}.");

    // Orleans' times are UTC, whatever their Kind says.
    private static DateTimeOffset ToTime(DateTime time) => new(DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
