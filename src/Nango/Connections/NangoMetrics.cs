using System.Diagnostics.Metrics;

namespace NangoOrleans.Nango;

/// <summary>Figures about requests. Tags are bounded: method, route template and outcome; never a key or a host.</summary>
internal sealed class NangoMetrics
{
    public const string MeterName = "NangoOrleans.Nango";
    public const string DurationName = "nango.request.duration";

    private readonly Histogram<double> _duration;

    public NangoMetrics(IMeterFactory meters)
    {
        // The bounds follow the observed 5 ms to 400 ms of a healthy server and the timeout of 15 s.
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30] };
        _duration = meters.Create(MeterName).CreateHistogram(DurationName, "s", "Duration of requests to Nango, to the last byte of the answer.", tags: null, advice);
    }

    /// <summary>Records a request.</summary>
    /// <param name="call">Which call.</param>
    /// <param name="elapsed">From the start to the last byte.</param>
    /// <param name="outcome">Status class (<c>2xx</c>), or <c>timeout</c>, <c>cancelled</c>, <c>unreachable</c> where there was no answer.</param>
    public void Record(NangoCall call, TimeSpan elapsed, string outcome) => _duration.Record(
        elapsed.TotalSeconds,
        new("http.request.method", call.Method.Method),
        new("url.template", call.Template),
        new("outcome", outcome));
}
