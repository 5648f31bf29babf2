using NangoOrleans.Failures;
using NangoOrleans.Integrations.Execution;
using NangoOrleans.Integrations.Planning;

namespace NangoOrleans.Integrations;

// What is left in Nango of resources that are gone although our finalizer was on. No object is left to keep that in, so it is kept here, and
// in the memory of the other silos while it lasts (docs/decisions/0015-leftovers.md).
public sealed partial class NangoIntegrationGrain
{
    // Longer than any pause between two attempts: an idle activation must not be put away meanwhile.
    private static readonly TimeSpan Vigil = TimeSpan.FromMinutes(30);

    private readonly List<HeldLeftover> _leftovers = [];

    // Uids of what other silos may remember; true: as something that is kept here.
    private readonly Dictionary<string, bool> _witnessed = new(StringComparer.Ordinal);
    private Observed? _made;
    private DateTimeOffset? _removeAt;
    private bool _isKnownGone;

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await TellWitnessesAsync();
        foreach (var leftover in _leftovers)
        {
            // Once this silo is gone, those who remember it tell the next activation.
            if (reason.ReasonCode == DeactivationReasonCode.ShuttingDown && _witnessed.GetValueOrDefault(leftover.Uid)) continue;
            TellLeft(leftover, Reasons.DeletionAbandoned, LeftoverRemover.Abandoned(leftover, "The operator was stopped before it could."));
        }

        _leftovers.Clear();
    }

    // From the watcher, or from another silo. Whether the resource is gone at all, the first attempt finds out.
    private void TakeOver(Leftover leftover)
    {
        if (_made?.Resource!.Metadata.Uid != leftover.Uid && !_leftovers.Exists(held => held.Uid == leftover.Uid))
        {
            _leftovers.Add(HeldLeftover.Of(leftover));
            _removeAt = time.GetUtcNow();
        }

        // Whoever remembers it is to learn that it is here now, or that it is done with.
        _witnessed[leftover.Uid] = false;
    }

    private async Task RemoveLeftoversAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_made is { } made && (_snapshot is null || !IsSameObject(made.Resource!, _snapshot)))
        {
            // Knows more than what the watcher may have told of the same resource meanwhile.
            var own = HeldLeftover.Of(made, now) with { IsKnownGone = _snapshot is null && _isKnownGone };
            _leftovers.RemoveAll(held => held.Uid == own.Uid);
            _leftovers.Add(own);
            (_made, _removeAt) = (null, now);
        }

        if (_leftovers.Count == 0 || _removeAt > now) return;
        TimeSpan? next = null;
        foreach (var leftover in _leftovers.ToArray())
        {
            var delay = await TryRemoveAsync(leftover, cancellationToken);
            if (delay is not null && (next is null || delay < next)) next = delay;
        }

        _removeAt = next is { } soonest ? now + soonest : null;
        DelayDeactivation(next is null ? TimeSpan.Zero : Vigil);
        if (next is null && _snapshot is null && !_again) DeactivateOnIdle();
    }

    private async Task<TimeSpan?> TryRemoveAsync(HeldLeftover leftover, CancellationToken cancellationToken)
    {
        var answer = await runs.Leftovers.TryAsync(leftover, Random.Shared.NextDouble(), cancellationToken);
        _leftovers.Remove(leftover);
        switch (answer)
        {
            case RemovalAnswer.Later later:
                _leftovers.Add(later.Leftover);
                LogNotRemoved(logger, _key, leftover.UniqueKey, later.Reason, later.Delay);
                return later.Delay;
            case RemovalAnswer.Left left:
                TellLeft(leftover, left.Reason, left.Message);
                return null;
            case RemovalAnswer.Settled { Removed: true }:
                LogRemoved(logger, _key, leftover.UniqueKey);
                runs.Events.Record(leftover.Resource, warning: false, Reasons.Deleted, $"Deleted \"{leftover.UniqueKey}\" from Nango.");
                return null;
            default:
                LogNothingLeft(logger, _key, leftover.UniqueKey);
                return null;
        }
    }

    // Called when a run is over: nearly always there is nothing to tell.
    private async Task TellWitnessesAsync()
    {
        var now = time.GetUtcNow();
        List<Leftover> kept = [.. _leftovers.Select(held => held.ToLeftover())];
        if (_made is { } made) kept.Add(HeldLeftover.Of(made, now).ToLeftover());
        foreach (var leftover in kept.Where(one => !_witnessed.GetValueOrDefault(one.Uid)))
            _witnessed[leftover.Uid] = await runs.Witnesses.KeepAsync(leftover);
        foreach (var uid in _witnessed.Keys.Except(kept.Select(one => one.Uid), StringComparer.Ordinal).ToList())
        {
            _witnessed.Remove(uid);
            await runs.Witnesses.ForgetAsync(uid);
        }
    }

    private void TellLeft(HeldLeftover leftover, string reason, string message)
    {
        LogLeftBehind(logger, _key, reason, message);
        runs.Events.Record(leftover.Resource, warning: true, reason, message);
    }
}
