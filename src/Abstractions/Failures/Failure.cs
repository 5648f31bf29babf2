namespace NangoOrleans.Failures;

/// <summary>The few kinds of failure, each with one meaning (docs/guide/failures.md).</summary>
public enum FailureKind
{
    /// <summary>Repeating will not help: somebody must change something.</summary>
    Terminal,

    /// <summary>Nango asked to wait; nobody's fault, and no change of <c>Ready</c>.</summary>
    Throttled,

    /// <summary>May pass by itself: retried with backoff.</summary>
    Transient,

    /// <summary>The object moved on meanwhile: read again, decide again, at once.</summary>
    Conflict,
}

/// <summary>A failure as a value. <see cref="Message"/> goes to users as it is, so it never quotes a response body or a secret.</summary>
/// <param name="Kind">What to do about it.</param>
/// <param name="Reason">PascalCase word for conditions and events, one of <see cref="Reasons"/>.</param>
/// <param name="Message">One sentence with the remedy.</param>
/// <param name="RetryAfter">For <see cref="FailureKind.Throttled"/>: how long to wait.</param>
[GenerateSerializer, Immutable, Alias("nango.Failure")]
public sealed record Failure(
    [property: Id(0)] FailureKind Kind,
    [property: Id(1)] string Reason,
    [property: Id(2)] string Message,
    [property: Id(3)] TimeSpan? RetryAfter = null)
{
    /// <summary>HTTP status of the answer behind it, when there was one.</summary>
    [Id(4)] public int? StatusCode { get; init; }

    /// <summary>True when the request may have been carried out although no answer came (or a 500): look before repeating it.</summary>
    [Id(5)] public bool OutcomeUnknown { get; init; }
}

/// <summary>Carries a <see cref="Failure"/> out of an edge (Nango, Kubernetes).</summary>
public sealed class FailureException : Exception
{
    /// <summary>Wraps a failure.</summary>
    /// <param name="failure">What happened; its message becomes the exception's.</param>
    /// <param name="inner">The cause; must not carry a response body.</param>
    public FailureException(Failure failure, Exception? inner = null)
        : base(failure.Message, inner) => Failure = failure;

    /// <summary>What happened.</summary>
    public Failure Failure { get; }
}
