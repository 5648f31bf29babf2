using NangoOrleans.Scheduling;

namespace NangoOrleans.Environments;

/// <summary>On whose behalf a request is made: where permits are scarce, lanes and namespaces take turns.</summary>
/// <param name="Lane">Whether somebody waits for it.</param>
/// <param name="Namespace">Namespace of the resource; empty for the operator's own requests.</param>
public readonly record struct RequestTurn(ReconcileLane Lane, string Namespace)
{
    /// <summary>The operator's own requests (lists, probes): few, and everybody waits for them.</summary>
    public static RequestTurn Own { get; } = new(ReconcileLane.Change, "");
}
