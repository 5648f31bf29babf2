using System.ComponentModel.DataAnnotations;

namespace NangoOrleans.Scheduling;

/// <summary>How resources are worked on. Section <c>NangoOrleans:Reconcile</c>.</summary>
public sealed class ReconcileOptions
{
    /// <summary>Runs of one silo at the same time. Default 64: more does not make Nango or the API server answer faster.</summary>
    [Range(1, 4096)]
    public int MaxConcurrentRuns { get; set; } = 64;

    /// <summary>After so long a check goes before changes. Default 10 s.</summary>
    public TimeSpan MaxResyncWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>A deletion that keeps failing is given up after so long since its first failure, and at least five attempts. Default 1 h.</summary>
    public TimeSpan DeletionGiveUpAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Share of Nango's request limit, in percent, that is left to the customer's own traffic. Default 20.</summary>
    [Range(0, 90)]
    public int RateReservePercent { get; set; } = 20;
}
