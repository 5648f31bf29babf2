using System.Diagnostics.Metrics;

namespace NangoOrleans.Kubernetes;

/// <summary>Counters of the meter <c>NangoOrleans.Kubernetes</c>.</summary>
public sealed class KubernetesMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "NangoOrleans.Kubernetes";

    private readonly Counter<long> _relists;
    private readonly Counter<long> _reconnects;
    private readonly Counter<long> _received;
    private readonly Counter<long> _writes;
    private readonly Counter<long> _errors;
    private readonly Counter<long> _eventsDropped;

    /// <summary>Creates the instruments.</summary>
    /// <param name="factory">Owner of the meter; null makes one that nobody shares.</param>
    public KubernetesMetrics(IMeterFactory? factory = null)
    {
#pragma warning disable CA2000 // A meter lives as long as the process or its factory.
        var meter = factory?.Create(MeterName) ?? new Meter(MeterName);
#pragma warning restore CA2000
        _relists = meter.CreateCounter<long>("kubernetes.feed.lists", "{list}", "Complete lists of a feed, the first one included.");
        _reconnects = meter.CreateCounter<long>("kubernetes.feed.reconnects", "{reconnect}", "Watches that ended, by reason.");
        _received = meter.CreateCounter<long>("kubernetes.feed.events", "{event}", "Watch events received, by type.");
        _writes = meter.CreateCounter<long>("kubernetes.writes", "{request}", "Write requests sent, by verb and resource.");
        _errors = meter.CreateCounter<long>("kubernetes.errors", "{request}", "Requests that failed, by verb, resource and kind.");
        _eventsDropped = meter.CreateCounter<long>("kubernetes.events.dropped", "{event}", "Events about resources that were not written, by cause.");
    }

    internal void Listed(string resource) => _relists.Add(1, new KeyValuePair<string, object?>("resource", resource));

    internal void Reconnected(string resource, string reason) =>
        _reconnects.Add(1, new("resource", resource), new("reason", reason));

    internal void Received(string resource, string type) =>
        _received.Add(1, new("resource", resource), new("type", type));

    internal void Wrote(string verb, string resource) => _writes.Add(1, new("verb", verb), new("resource", resource));

    internal void Failed(string verb, string resource, KubernetesErrorKind kind) =>
        _errors.Add(1, new("verb", verb), new("resource", resource), new("kind", kind.ToString()));

    internal void EventDropped(string cause) => _eventsDropped.Add(1, new KeyValuePair<string, object?>("cause", cause));
}
