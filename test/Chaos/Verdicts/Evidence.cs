namespace NangoOrleans.Chaos;

/// <summary>A call that Nango received.</summary>
/// <param name="Seq">Number in Nango's journal.</param>
/// <param name="At">When it arrived.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Key">Which integration; empty for lists and the catalogue.</param>
/// <param name="Status">What Nango decided on, whether or not the answer arrived; null when it never got so far.</param>
public sealed record Call(long Seq, DateTimeOffset At, string Method, string Key, int? Status)
{
    /// <summary>True when it changed something in Nango.</summary>
    public bool IsDone => Status is >= 200 and < 300;
}

/// <summary>A write of a resource that the API server received, by whomever.</summary>
/// <param name="At">When it arrived.</param>
/// <param name="Name">Name of the resource.</param>
/// <param name="Text">Who did what, with the answer.</param>
public sealed record Write(DateTimeOffset At, string Name, string Text);

/// <summary>A resource as it is in Kubernetes.</summary>
/// <param name="Name">Its name, and its key in Nango.</param>
/// <param name="Revision">What it declares.</param>
/// <param name="IsDeleting">True while it waits for its finalizer.</param>
/// <param name="IsSettled">True when the operator says that it is Ready in this generation and nothing is left to do.</param>
/// <param name="CreatedAt">Which integration the operator says it made or took over.</param>
/// <param name="Says">Phase and reason, for messages.</param>
public sealed record SeenResource(string Name, int Revision, bool IsDeleting, bool IsSettled, DateTimeOffset? CreatedAt, string Says);

/// <summary>An integration as it is in Nango.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Revision">What it says.</param>
/// <param name="CreatedAt">Its identity.</param>
public sealed record SeenIntegration(string Key, int Revision, DateTimeOffset CreatedAt);

/// <summary>A way in which the operator broke its word.</summary>
/// <param name="Rule">Which promise.</param>
/// <param name="Key">Which resource; empty when it is about none.</param>
/// <param name="Seq">The call that did it; null when it is about a state.</param>
/// <param name="Text">What is wrong.</param>
public sealed record Violation(string Rule, string Key, long? Seq, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Rule} {Key}{(Seq is null ? "" : $" #{Seq}")}: {Text}");
}
