using NangoOrleans.Failures;

namespace NangoOrleans.Environments.Budget;

/// <summary>
/// Opens when nearly every request of the whole cluster fails; then all wait for one probe at a time, with growing pauses, until one
/// succeeds. Fed with what silos tell from time to time. Not thread-safe.
/// </summary>
public sealed class CircuitBreaker
{
    // A single resource that Nango always answers with 500 must not stop the others: nearly all calls have to fail.
    private const double FailureRatio = 0.8;

    // One resource's own retries stay below this, so that its reason is told as it is.
    private const int MinimumCalls = 10;

    private static readonly TimeSpan Sampling = TimeSpan.FromSeconds(30), FirstBreak = TimeSpan.FromSeconds(5), LongestBreak = TimeSpan.FromSeconds(30);

    // Above the time limit of a request (at most 60 s): a silo that has not told by then is gone.
    private static readonly TimeSpan LongestProbe = TimeSpan.FromSeconds(65);

    // Waiting for a probe that is under way.
    private static readonly TimeSpan ProbeWait = TimeSpan.FromSeconds(5);

    private readonly Queue<(DateTimeOffset At, int Answered, int Failed)> _samples = new();
    private Failure? _cause;
    private DateTimeOffset _nextProbe, _probeEnds;
    private string? _prober;
    private int _breaks;

    /// <summary>True while requests are held back.</summary>
    public bool IsOpen => _cause is not null;

    /// <summary>Takes in how a silo's requests ended.</summary>
    /// <param name="holder">The silo.</param>
    /// <param name="report">What it tells.</param>
    /// <param name="now">The time.</param>
    public void Report(string holder, CallReport report, DateTimeOffset now)
    {
        if (report.Answered + report.Failed == 0) return;
        if (IsOpen)
        {
            // What others tell began before it opened.
            if (holder == _prober) Judge(report, now);
            return;
        }

        _samples.Enqueue((now, report.Answered, report.Failed));
        while (_samples.TryPeek(out var oldest) && now - oldest.At > Sampling) _samples.Dequeue();
        var (answered, failed) = (_samples.Sum(sample => sample.Answered), _samples.Sum(sample => sample.Failed));
        if (report.LastFailure is { } last && answered + failed >= MinimumCalls && failed >= FailureRatio * (answered + failed)) Open(last, now);
    }

    /// <summary>Whether a probe may be made now.</summary>
    /// <param name="holder">The silo that would make it.</param>
    /// <param name="now">The time.</param>
    public bool MayProbe(string holder, DateTimeOffset now) => now >= _nextProbe && (_prober is null || _prober == holder || now >= _probeEnds);

    /// <summary>A probe is made.</summary>
    /// <param name="holder">The silo that makes it.</param>
    /// <param name="now">The time.</param>
    /// <returns>True.</returns>
    public bool BeginProbe(string holder, DateTimeOffset now)
    {
        (_prober, _probeEnds, _nextProbe) = (holder, now + LongestProbe, now + ProbeWait);
        return true;
    }

    /// <summary>What is told while requests are held back; null while they are not.</summary>
    /// <param name="now">The time.</param>
    public Failure? Problem(DateTimeOffset now)
    {
        if (_cause is not { } cause) return null;
        var rest = _nextProbe - now;
        return new Failure(
            FailureKind.Throttled,
            Reasons.CircuitOpen,
            $"Nearly every request to Nango has failed of late; one is made from time to time until it succeeds. What the last one met: {cause.Message}",
            rest > TimeSpan.Zero ? rest : ProbeWait);
    }

    private void Judge(CallReport report, DateTimeOffset now)
    {
        _prober = null;
        if (report.Answered == 0 && report.LastFailure is { } again)
        {
            Open(again, now);
            return;
        }

        (_cause, _breaks) = (null, 0);
    }

    private void Open(Failure cause, DateTimeOffset now)
    {
        _samples.Clear();
        var pause = FirstBreak * Math.Pow(2, Math.Min(_breaks++, 10));
        (_cause, _nextProbe) = (cause, now + (pause < LongestBreak ? pause : LongestBreak));
    }
}
