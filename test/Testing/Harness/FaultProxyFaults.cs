namespace NangoOrleans.Testing;

/// <summary>What to do to one request.</summary>
internal enum FaultKind
{
    /// <summary>Forward half of the answer's body, then nothing, with the connection left open.</summary>
    StallBody,

    /// <summary>Answer 410 as HTTP status, without asking the server.</summary>
    ExpireByStatus,

    /// <summary>Answer 200 and an ERROR event with code 410.</summary>
    ExpireByEvent,

    /// <summary>Forward, and cut the connection instead of giving the answer.</summary>
    DropAnswer,
}

/// <summary>A fault waiting for its request.</summary>
internal sealed class PlannedFault(FaultKind kind, Func<FaultProxyRequest, bool> matches)
{
    private readonly TaskCompletionSource _happened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FaultKind Kind => kind;

    public Task Happened => _happened.Task;

    public bool Matches(FaultProxyRequest request) => matches(request);

    public void SetHappened() => _happened.TrySetResult();
}
