using NangoOrleans.Failures;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Integrations.Reporting;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations;

// What a run leaves behind: at most one status write, events and log lines.
public sealed partial class NangoIntegrationGrain
{
    private async Task<TimeSpan?> ConcludeAsync(Observed seen, Outcome outcome, CancellationToken cancellationToken)
    {
        // Until it stands in the status, nobody else knows of it.
        if (seen.Created) (_made, _isKnownGone) = (seen, false);
        else if (outcome is Outcome.Released) _made = null;
        if (outcome is Outcome.ReadAgain) return ReadAgain();
        if (outcome is Outcome.Gone || seen.Resource is null)
        {
            if (seen.Resource is null) return await ForgetAsync();
            _rechecking = false;
            await ForgetReminderAsync();
            return null;
        }

        _waitingSince = outcome is Outcome.Waiting ? _waitingSince ?? time.GetUtcNow() : null;
        var report = IntegrationReporter.Build(seen, outcome, time.GetUtcNow(), _waitingSince, Random.Shared.NextDouble());
        var written = await WriteStatusAsync(seen, report, cancellationToken);
        if (written != WriteResult.Done) return written == WriteResult.ReadAgain ? ReadAgain() : written == WriteResult.Gone ? await ForgetAsync() : Backoff();

        _conflicts = 0;
        _rechecking = outcome is Outcome.Waiting && _rechecking;
        foreach (var told in report.Events) runs.Events.Record(seen.Resource, told.Warning, told.Reason, told.Message);
        Log(outcome, report);
        if (outcome is Outcome.Released) return await ForgetAsync();
        if (report.LookAgainAfter is null) await ForgetReminderAsync();
        return report.LookAgainAfter;
    }

    private async Task<WriteResult> WriteStatusAsync(Observed seen, Report report, CancellationToken cancellationToken)
    {
        if (report.Status is null)
        {
            if (seen.IsComplete && _snapshot is { } known && !ResourceVersions.IsOlder(seen.Resource!, known)) _snapshot = seen.Resource!.Redact();
            return WriteResult.Done;
        }

        NangoIntegration? answer;
        try
        {
            answer = await runs.Store.ReplaceStatusAsync(seen.Resource!, report.Status, cancellationToken);
        }
        catch (FailureException e) when (e.Failure.Kind == FailureKind.Conflict)
        {
            return WriteResult.ReadAgain;
        }
        catch (FailureException e)
        {
            LogStatusNotWritten(logger, _key, e.Failure.Reason, RetryPolicy.Delay(_conflicts + 1, 0.5));
            return WriteResult.Failed;
        }

        if (answer is null)
        {
            _isKnownGone = true;
            return WriteResult.Gone;
        }

        _made = null;
        _reportedVersion = answer.Metadata.ResourceVersion;
        // A poke that came in meanwhile may show something newer still.
        if (_snapshot is null || !IsSameObject(_snapshot, answer) || ResourceVersions.IsOlder(_snapshot, answer)) _snapshot = answer.Redact();
        return WriteResult.Done;
    }

    private void Log(Outcome outcome, Report report)
    {
        if (outcome is Outcome.Failed { Failure: var failure })
            LogFailed(logger, _key, failure.Reason, failure.Message, report.LookAgainAfter?.ToString() ?? "when something changes");
        else if (report.Status is not null || report.Events.Count > 0)
            LogReconciled(logger, _key, outcome.GetType().Name, report.Status?.Condition(ConditionTypes.Ready)?.Reason ?? (report.Events is [var first, ..] ? first.Reason : ""));
    }

    private enum WriteResult
    {
        Done,
        ReadAgain,
        Gone,
        Failed,
    }
}
