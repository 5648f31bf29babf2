using NangoOrleans.Failures;
using NangoOrleans.Integrations.Execution;
using NangoOrleans.Integrations.Planning;

namespace NangoOrleans.Integrations;

// What was made for a resource that vanished before it could be told. No object is left to keep that in, so it is kept here:
// a crash loses it (docs/decisions/0015-lost-creates.md).
public sealed partial class NangoIntegrationGrain
{
    // Longer than any pause between two attempts: an idle activation must not be put away meanwhile.
    private static readonly TimeSpan Vigil = TimeSpan.FromMinutes(30);

    private readonly List<LostCreate> _lost = [];
    private Observed? _made;
    private DateTimeOffset? _undoAt;

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        foreach (var lost in _lost) TellLeft(lost, Reasons.DeletionAbandoned, CreateUndo.Abandoned(lost, "The operator was stopped before it could."));
        _lost.Clear();
        return Task.CompletedTask;
    }

    private async Task UndoAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_made is { } made && (_snapshot is null || !IsSameObject(made.Resource!, _snapshot)))
        {
            _lost.Add(new LostCreate(made, now));
            (_made, _undoAt) = (null, now);
        }

        if (_lost.Count == 0 || _undoAt > now) return;
        TimeSpan? next = null;
        foreach (var lost in _lost.ToArray())
        {
            _lost.Remove(lost);
            if (await TryUndoAsync(lost, cancellationToken) is { } delay && (next is null || delay < next)) next = delay;
        }

        _undoAt = next is { } soonest ? now + soonest : null;
        DelayDeactivation(next is null ? TimeSpan.Zero : Vigil);
        if (next is null && _snapshot is null && !_again) DeactivateOnIdle();
    }

    private async Task<TimeSpan?> TryUndoAsync(LostCreate lost, CancellationToken cancellationToken)
    {
        switch (await runs.Undo.TryAsync(lost, Random.Shared.NextDouble(), cancellationToken))
        {
            case UndoAnswer.Later later:
                _lost.Add(later.Lost);
                LogNotUndone(logger, _key, lost.UniqueKey, later.Reason, later.Delay);
                return later.Delay;
            case UndoAnswer.Left left:
                TellLeft(lost, left.Reason, left.Message);
                return null;
            case UndoAnswer.Settled settled:
                LogCreateUndone(logger, _key, lost.UniqueKey, settled.Removed);
                return null;
            default:
                return null;
        }
    }

    private void TellLeft(LostCreate lost, string reason, string message)
    {
        LogLeftBehind(logger, _key, reason, message);
        runs.Events.Record(lost.Seen.Resource!, warning: true, reason, message);
    }
}
