using System.Diagnostics.Metrics;
using NangoOrleans.Scheduling;
using NangoOrleans.Witnessing;

namespace NangoOrleans.Watching;

/// <summary>How much there is to do: what an autoscaler and an alert look at. Gauges of this silo; add them up for the cluster.</summary>
internal sealed class WorkMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "NangoOrleans.Silo";

    private readonly Meter _meter;

    public WorkMetrics(IMeterFactory meters, ReconcileGate gate, Watcher watcher, WitnessedLeftovers witnessed)
    {
        _meter = meters.Create(MeterName);
        _meter.CreateObservableGauge("nango.reconcile.waiting", () => gate.Waiting, "{run}", "Runs of resources that wait for their turn in this silo.");
        _meter.CreateObservableGauge("nango.reconcile.running", () => gate.Running, "{run}", "Runs of resources under way in this silo.");
        _meter.CreateObservableGauge("nango.watcher.active", () => watcher.Term is null ? 0 : 1, "{silo}", "1 in the silo that watches, 0 in the others.");
        _meter.CreateObservableGauge("nango.dispatch.depth", () => watcher.Term?.Depth ?? 0, "{resource}", "Changed resources whose grains have not been told yet; 0 in silos that do not watch.");
        _meter.CreateObservableGauge("nango.index.resources", () => watcher.Term?.Index.Count ?? 0, "{resource}", "Resources that are looked after; 0 in silos that do not watch.");
        _meter.CreateObservableGauge("nango.leftovers.witnessed", () => witnessed.Count, "{resource}", "Resources that are gone, or may be, and may have left something in Nango: what other silos have to remove, and this one remembers.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
