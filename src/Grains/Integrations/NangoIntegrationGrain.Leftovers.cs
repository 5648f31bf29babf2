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
    private bool _isKnownGone, _isOnVigil;

    private bool HasLeftovers => _made is not null || _leftovers.Count > 0;

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await TellWitnessesAsync();
        foreach (var leftover in _leftovers.ToArray())
        {
            // Once this silo is gone, those who remember it tell the next activation.
            if (reason.ReasonCode == DeactivationReasonCode.ShuttingDown && _witnessed.GetValueOrDefault(leftover.Uid)) continue;
            TellLeft(leftover, Reasons.DeletionAbandoned, LeftoverRemover.Abandoned(leftover, "The operator was stopped before it could."));
            await runs.Witnesses.ForgetAsync(leftover.Uid);
        }

        _leftovers.Clear();
    }

    // From the watcher, or from a silo that remembers. Whether the resource is gone at all, the first attempt finds out.
    private void TakeOver(Leftover leftover, bool isRemembered)
    {
        // Whoever remembers it is to learn that it is here now, or that it is done with.
        if (isRemembered) _witnessed.TryAdd(leftover.Uid, false);
        if (_made?.Resource!.Metadata.Uid == leftover.Uid) return;
        var known = _leftovers.FindIndex(held => held.Uid == leftover.Uid);
        if (known >= 0) _leftovers[known] = _leftovers[known].And(leftover);
        else _leftovers.Add(new HeldLeftover(leftover, time.GetUtcNow()));
    }

    private async Task RemoveLeftoversAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_made is { } made && (_snapshot is null || !IsSameObject(made.Resource!, _snapshot)))
        {
            var own = HeldLeftover.Of(made, now) with { JustGone = _snapshot is null && _isKnownGone ? made : null };
            // What the watcher may have told meanwhile knows the last policy; this knows what was made, and with which values.
            if (_leftovers.Find(held => held.Uid == own.Uid) is { } told) own = own.WithPolicyOf(told.Told.Resource);
            _leftovers.RemoveAll(held => held.Uid == own.Uid);
            _leftovers.Add(own);
            _made = null;
        }

        foreach (var due in _leftovers.Where(held => held.DueAt <= now).ToArray()) await TryRemoveAsync(due, cancellationToken);
        // Neither what is left to do nor what could not be reported yet may be put away with an idle activation.
        var isOnVigil = HasLeftovers;
        if (isOnVigil || _isOnVigil) DelayDeactivation(isOnVigil ? Vigil : TimeSpan.Zero);
        _isOnVigil = isOnVigil;
    }

    private async Task TryRemoveAsync(HeldLeftover leftover, CancellationToken cancellationToken)
    {
        var answer = await runs.Leftovers.TryAsync(leftover, Random.Shared.NextDouble(), cancellationToken);
        // Somebody may have told more of it meanwhile.
        var told = _leftovers.Find(held => held.Uid == leftover.Uid)?.Told;
        _leftovers.RemoveAll(held => held.Uid == leftover.Uid);
        switch (answer)
        {
            case RemovalAnswer.Later later:
                _leftovers.Add(told is null ? later.Leftover : later.Leftover.And(told));
                LogNotRemoved(logger, _key, leftover.UniqueKey, later.Reason, later.Delay);
                break;
            case RemovalAnswer.Left left:
                TellLeft(leftover, left.Reason, left.Message);
                break;
            case RemovalAnswer.Settled { Removed: true }:
                LogRemoved(logger, _key, leftover.UniqueKey);
                runs.Events.Record(leftover.Told.Resource, warning: false, Reasons.Deleted, $"Deleted \"{leftover.UniqueKey}\" from Nango.");
                // The next resource of this name may have met it and given up.
                _recheck |= _snapshot is not null;
                _again |= _snapshot is not null;
                break;
            default:
                LogNothingLeft(logger, _key, leftover.UniqueKey);
                break;
        }
    }

    // Called when a run is over: nearly always there is nothing to tell. Told again each time, since silos come and go.
    private async Task TellWitnessesAsync()
    {
        List<Leftover> kept = [.. _leftovers.Select(held => held.ToLeftover())];
        if (_made is { } made) kept.Add(HeldLeftover.Of(made, time.GetUtcNow()).ToLeftover());
        foreach (var leftover in kept) _witnessed[leftover.Uid] = await runs.Witnesses.KeepAsync(leftover);
        foreach (var uid in _witnessed.Keys.ToArray())
        {
            // Looked at now: more may have come in while others were told.
            if (_made?.Resource!.Metadata.Uid == uid || _leftovers.Exists(held => held.Uid == uid)) continue;
            _witnessed.Remove(uid);
            await runs.Witnesses.ForgetAsync(uid);
        }
    }

    private void TellLeft(HeldLeftover leftover, string reason, string message)
    {
        LogLeftBehind(logger, _key, reason, message);
        runs.Events.Record(leftover.Told.Resource, warning: true, reason, message);
    }
}
