using NangoOrleans.Failures;
using NangoOrleans.Nango;

namespace NangoOrleans.Integrations.Planning;

/// <summary>What to do next: one <see cref="Step"/>, or end the run with an <see cref="Outcome"/>.</summary>
public abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>Do one thing, then decide again.</summary>
    /// <param name="Step">What to do.</param>
    public sealed record Do(Step Step) : Decision;

    /// <summary>End the run.</summary>
    /// <param name="Outcome">What came of it.</param>
    public sealed record Conclude(Outcome Outcome) : Decision;
}

/// <summary>One external call. Each is idempotent, so a run may be cut off anywhere and repeated.</summary>
public abstract record Step
{
    private Step()
    {
    }

    /// <summary>Read the resource with its inline values.</summary>
    public sealed record ReadResource : Step;

    /// <summary>Ask who owns the key.</summary>
    public sealed record FindOwner : Step;

    /// <summary>Put our finalizer on, before anything remote exists.</summary>
    /// <param name="AbsentAt">When Nango was seen without the key, by its own clock: kept with the finalizer under adoption policy Refuse.</param>
    public sealed record AddFinalizer(DateTimeOffset? AbsentAt = null) : Step;

    /// <summary>Take our finalizer off a resource that lives on but has nothing of ours in Nango.</summary>
    public sealed record DropFinalizer : Step;

    /// <summary>Read Secrets and put the desired values together.</summary>
    public sealed record ResolveValues : Step;

    /// <summary>Find the credential of the environment that the resource was last applied to, which the spec no longer speaks of.</summary>
    public sealed record FindRecordedEnvironment : Step;

    /// <summary>Look the provider up in the server's catalogue.</summary>
    public sealed record LookUpProvider : Step;

    /// <summary>Look whether Nango has the key, and how it looks there.</summary>
    /// <param name="WithCredentials">Ask for credentials too.</param>
    public sealed record ReadRemote(bool WithCredentials) : Step;

    /// <summary>Look whether Nango has the key, and when that was by Nango's clock.</summary>
    public sealed record LookUpRemote : Step;

    /// <summary>Create it in Nango.</summary>
    /// <param name="Request">The body.</param>
    public sealed record CreateRemote(CreateIntegration Request) : Step;

    /// <summary>Change what differs in Nango.</summary>
    /// <param name="Request">The body.</param>
    public sealed record UpdateRemote(UpdateIntegration Request) : Step;

    /// <summary>Ask whether the definition of the resource itself is being deleted.</summary>
    public sealed record CheckDefinition : Step;

    /// <summary>Count end users' connections.</summary>
    public sealed record CountConnections : Step;

    /// <summary>Delete it in Nango.</summary>
    public sealed record DeleteRemote : Step;

    /// <summary>Take our finalizer off, always last.</summary>
    /// <param name="Because">What the run concludes with once it is off.</param>
    public sealed record RemoveFinalizer(Outcome.Released Because) : Step;
}

/// <summary>What came of a run; status, events and the next attempt follow from it.</summary>
public abstract record Outcome
{
    private Outcome()
    {
    }

    /// <summary>The resource does not exist (any more), or nothing of ours is on it.</summary>
    public sealed record Gone : Outcome;

    /// <summary>Nango agrees.</summary>
    /// <param name="Change">What this run changed: <see cref="Reasons.Created"/>, Adopted, Updated, Recreated; null when nothing.</param>
    /// <param name="Fields">Names of the fields that were changed, for the event.</param>
    public sealed record InSync(string? Change, IReadOnlyList<string> Fields) : Outcome;

    /// <summary>Only observed, and Nango does not agree.</summary>
    /// <param name="Reason">Differs or Absent.</param>
    /// <param name="Fields">Names of the fields that differ, never values.</param>
    public sealed record Deviates(string Reason, IReadOnlyList<string> Fields) : Outcome;

    /// <summary>Left alone at somebody's wish.</summary>
    /// <param name="Reason">One of <see cref="Reasons"/>.</param>
    /// <param name="Message">Whose wish.</param>
    public sealed record Suspended(string Reason = Reasons.Suspended, string Message = "Left alone while spec.suspend is true.") : Outcome;

    /// <summary>Another resource owns the key.</summary>
    /// <param name="Owner">The owner.</param>
    public sealed record Conflict(IntegrationKey Owner) : Outcome;

    /// <summary>It failed; the kind says what happens next.</summary>
    /// <param name="Failure">What happened.</param>
    public sealed record Failed(Failure Failure) : Outcome;

    /// <summary>Not now, and nobody's failure.</summary>
    /// <param name="Reason">One of <see cref="Reasons"/>.</param>
    /// <param name="Message">What is waited for.</param>
    /// <param name="Delay">How long to wait.</param>
    public sealed record Waiting(string Reason, string Message, TimeSpan Delay) : Outcome;

    /// <summary>The object moved on: read it again and decide again.</summary>
    public sealed record ReadAgain : Outcome;

    /// <summary>Our finalizer is off; the object goes.</summary>
    /// <param name="Reason">Deleted, Retained, InUse or DeletionAbandoned.</param>
    /// <param name="Message">What happened in Nango.</param>
    /// <param name="Warning">True when something may be left behind against the user's wish.</param>
    public sealed record Released(string Reason, string Message, bool Warning) : Outcome;
}
