using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Integrations.Execution;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Resources;
using NangoOrleans.Scheduling;

namespace NangoOrleans.Integrations;

/// <summary>One run: observe, decide, act, until the planner concludes. Knows nothing of grains or timers.</summary>
public sealed class IntegrationRun(IntegrationExecutor executor, EnvironmentResolver environments, ReconcileOptions options, TimeProvider time)
{
    // The longest chain the planner knows has a dozen steps; more than twice that is a defect.
    private const int MaxSteps = 32;

    /// <summary>Works on a resource until nothing is left to do or something is in the way.</summary>
    /// <param name="snapshot">The newest snapshot.</param>
    /// <param name="cancellationToken">Stops the run; it may be cut off anywhere.</param>
    /// <returns>What the run saw and what came of it.</returns>
    public Task<(Observed Seen, Outcome Outcome)> ExecuteAsync(NangoIntegration snapshot, CancellationToken cancellationToken) =>
        ExecuteAsync(new Observed { Resource = snapshot }, cancellationToken);

    /// <summary>Works on a resource of which more is known than its snapshot.</summary>
    /// <param name="known">What is known already.</param>
    /// <param name="cancellationToken">Stops the run; it may be cut off anywhere.</param>
    /// <returns>What the run saw and what came of it.</returns>
    public async Task<(Observed Seen, Outcome Outcome)> ExecuteAsync(Observed known, CancellationToken cancellationToken)
    {
        var snapshot = known.Resource!;
        var use = await environments.ResolveAsync(snapshot, cancellationToken);
        using var permits = new RunPermits();
        var seen = known with
        {
            Permits = permits,
            Now = time.GetUtcNow(),
            // A settled resource runs only to be checked.
            Turn = new RequestTurn(ReconcileTrigger.IsSettled(snapshot) ? ReconcileLane.Resync : ReconcileLane.Change, snapshot.Metadata.Namespace),
            BaseUrl = use.BaseUrl,
            Environment = use.Environment,
            DeletionLimits = new DeletionLimits(options.DeletionGiveUpAfter, MinimumAttempts: 5),
        };
        for (var i = 0; i < MaxSteps; i++)
        {
            switch (IntegrationPlanner.Decide(seen))
            {
                case Decision.Conclude(var outcome):
                    return (seen, outcome);
                case Decision.Do(var step):
                    seen = await executor.DoAsync(step, seen, cancellationToken);
                    break;
            }
        }

        return (seen, new Outcome.Failed(new Failure(
            FailureKind.Transient, Reasons.InternalError, "The integration in Nango changed again and again while it was being worked on; trying again later")));
    }
}
