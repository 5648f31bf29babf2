namespace NangoOrleans.Kubernetes.Leasing;

/// <summary>Why a term ended.</summary>
internal enum TermEnd
{
    /// <summary>The process stops.</summary>
    Stopped,

    /// <summary>The work returned or failed by itself.</summary>
    WorkEnded,

    /// <summary>The Lease names somebody else.</summary>
    TakenByAnother,

    /// <summary>No renewal got through in time.</summary>
    DeadlinePassed,
}
