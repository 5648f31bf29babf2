using System.Diagnostics.Metrics;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Watching;

/// <summary>How much there is to do: what an autoscaler and an alert look at. Gauges of this silo; add them up for the cluster.</summary>
internal sealed class WorkMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "NangoOrleans.Silo";

    private readonly Meter _meter;

    public WorkMetrics(IMeterFactory meters, ReconcileGate gate, CoalescingDispatcher dispatcher, IntegrationIndex index)
    {
        _meter = meters.Create(MeterName);
        _meter.CreateObservableGauge("nango.reconcile.waiting", () => gate.Waiting, "{run}", "Runs of resources that wait for their turn in this silo.");
        _meter.CreateObservableGauge("nango.reconcile.running", () => gate.Running, "{run}", "Runs of resources under way in this silo.");
        _meter.CreateObservableGauge("nango.dispatch.depth", () => dispatcher.Depth, "{resource}", "Changed resources whose grains have not been told yet; only the silo that watches has any.");
        _meter.CreateObservableGauge("nango.index.resources", () => index.Count, "{resource}", "Resources that this silo knows from its watch.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
