using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace NangoOrleans.Kubernetes.Leasing;

/// <summary>The part of a Lease that an election is about. Times are kept as written: who may lead is never calculated from them.</summary>
internal sealed record LeaseRecord(string Holder, int? DurationSeconds, string AcquireTime, string RenewTime, int Transitions)
{
    /// <summary>As Kubernetes' MicroTime wants it: six digits, no more, no less.</summary>
    public static string Format(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>True when its holder gave it back, and not long ago by the clocks of both. Nothing that must be certain may hang on it.</summary>
    public bool WasFreedWithin(TimeSpan time, DateTimeOffset now) =>
        Holder.Length == 0 && Transitions + AcquireTime.Length > 0
        && DateTimeOffset.TryParse(RenewTime, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var freed) && (now - freed).Duration() <= time;

    public JsonObject ToJson() => new()
    {
        ["holderIdentity"] = Holder,
        ["leaseDurationSeconds"] = DurationSeconds,
        ["acquireTime"] = AcquireTime,
        ["renewTime"] = RenewTime,
        ["leaseTransitions"] = Transitions,
    };

    /// <summary>Reads a <c>spec</c>; any part may be missing.</summary>
    public static LeaseRecord Read(JsonElement spec) => new(
        Text(spec, "holderIdentity"), Number(spec, "leaseDurationSeconds"), Text(spec, "acquireTime"), Text(spec, "renewTime"), Number(spec, "leaseTransitions") ?? 0);

    private static string Text(JsonElement spec, string name) =>
        spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static int? Number(JsonElement spec, string name) =>
        spec.ValueKind == JsonValueKind.Object && spec.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}

/// <summary>A Lease as read.</summary>
/// <param name="ResourceVersion">What a write must name to win.</param>
/// <param name="Record">What it says.</param>
internal sealed record StoredLease(string ResourceVersion, LeaseRecord Record)
{
    public static StoredLease Parse(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        var lease = JsonElement.ParseValue(ref reader);
        var version = lease.GetProperty("metadata").GetProperty("resourceVersion").GetString()!;
        return new(version, LeaseRecord.Read(lease.TryGetProperty("spec", out var spec) ? spec : default));
    }
}
