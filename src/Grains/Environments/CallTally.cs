using NangoOrleans.Failures;

namespace NangoOrleans.Environments;

/// <summary>Counts how requests ended, until that is told. Not thread-safe.</summary>
internal sealed class CallTally
{
    private int _answered;
    private Failure? _last;
    private bool _showsNoLimit;

    /// <summary>Failures not told yet.</summary>
    public int Failures { get; private set; }

    /// <summary>A request was answered.</summary>
    /// <param name="showsNoLimit">True when no answer has shown a limit.</param>
    public void Answered(bool showsNoLimit)
    {
        _answered++;
        _showsNoLimit = showsNoLimit;
    }

    /// <summary>A request failed.</summary>
    /// <param name="failure">How.</param>
    public void Failed(Failure failure)
    {
        Failures++;
        _last = failure;
    }

    /// <summary>What is to be told; the count begins anew.</summary>
    public CallReport? Take()
    {
        if (_answered + Failures == 0) return null;
        var report = new CallReport(_answered, Failures, _last, _showsNoLimit);
        (_answered, Failures, _last) = (0, 0, null);
        return report;
    }

    /// <summary>A report was not heard.</summary>
    /// <param name="report">The report.</param>
    public void PutBack(CallReport? report)
    {
        if (report is null) return;
        _answered += report.Answered;
        Failures += report.Failed;
        _last ??= report.LastFailure;
    }
}
