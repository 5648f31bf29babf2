namespace NangoOrleans.Chaos;

/// <summary>What somebody does to a resource.</summary>
public enum ResourceAction
{
    /// <summary>Create it, or change it when it is there.</summary>
    Apply,

    /// <summary>Delete it.</summary>
    Delete,
}

/// <summary>One act on one resource.</summary>
/// <param name="At">When, counted from the start.</param>
/// <param name="Name">Name of the resource, and its key in Nango.</param>
/// <param name="Action">What.</param>
/// <param name="Revision">What is applied: grows by one with every act, and stands in the display name.</param>
public sealed record ResourceEvent(TimeSpan At, string Name, ResourceAction Action, int Revision)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{At.TotalSeconds,7:F1} {Name} {Action} r{Revision}");
}

/// <summary>What happens to the operator and what it lives on.</summary>
public enum DisruptionKind
{
    /// <summary>SIGKILL, and a new silo in its place.</summary>
    Kill,

    /// <summary>SIGTERM, and a new silo in its place.</summary>
    Terminate,

    /// <summary>SIGSTOP, and SIGCONT after a while.</summary>
    Freeze,

    /// <summary>One silo more, which gets SIGTERM after a while.</summary>
    Add,

    /// <summary>The API server is killed and started again.</summary>
    RestartApiServer,
}

/// <summary>One disruption.</summary>
/// <param name="At">When, counted from the start.</param>
/// <param name="Kind">What.</param>
/// <param name="Silo">Which silo, from 0; an added one has a number of its own; -1 for the API server.</param>
/// <param name="Lasts">Until it is undone: the replacement starts, the frozen one goes on, the added one leaves.</param>
public sealed record Disruption(TimeSpan At, DisruptionKind Kind, int Silo, TimeSpan Lasts)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{At.TotalSeconds,7:F1} {Kind}{(Silo < 0 ? "" : $" silo {Silo}")} for {Lasts.TotalSeconds:F1} s");
}
