using NangoOrleans.Hosting;

namespace NangoOrleans.Watching;

/// <summary>
/// Ends a development silo when another operator lives in the same cluster: the two do not form a cluster of silos, and one of them
/// would wait for ever without a word.
/// </summary>
internal sealed class RivalCheck(LeaseElection election, OperatorExit exit, TimeProvider time) : BackgroundService
{
    // One renewal may have been under way when its sender died.
    private const int Enough = 3;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        (string Identity, int Renewals)? first = null;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (election.IsHeld || election.Seen is not { } holder)
                {
                    first = null;
                    continue;
                }

                if (first is not { } begun || begun.Identity != holder.Identity || holder.Renewals < begun.Renewals) first = (holder.Identity, holder.Renewals);
                else if (holder.Renewals - begun.Renewals >= Enough) exit.Fail(Describe(holder.Identity));
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    private string Describe(string holder) =>
        $"Another operator ({holder}) is at work in this Kubernetes cluster and keeps renewing Lease {election.Options.Namespace}/{election.Options.Name}: "
        + "stop it, or let this one run elsewhere (set NangoOrleans:Watch and NangoOrleans:Orleans:Installation to divide the work).";
}
