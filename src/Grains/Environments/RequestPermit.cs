using NangoOrleans.Failures;

namespace NangoOrleans.Environments;

/// <summary>Permission for one request. How the request ended is told to it, then it is disposed of.</summary>
public sealed class RequestPermit : IDisposable
{
    private readonly bool _isProbe;
    private PermitPool? _pool;

    internal RequestPermit(PermitPool pool, bool isProbe) => (_pool, _isProbe) = (pool, isProbe);

    /// <summary>Nango answered; a refusal is an answer, too.</summary>
    public void Answered() => _pool?.Answered();

    /// <summary>The request failed.</summary>
    /// <param name="failure">How: only one that may pass by itself counts against the environment.</param>
    public void Failed(Failure failure)
    {
        switch (failure)
        {
            case { Kind: FailureKind.Transient }:
                _pool?.Failed(failure);
                break;
            case { Kind: FailureKind.Throttled, Reason: Reasons.RateLimited, RetryAfter: { } wait }:
                _pool?.AskedToWait(wait);
                break;
            default:
                _pool?.Answered();
                break;
        }
    }

    /// <summary>The request is over.</summary>
    public void Dispose() => Interlocked.Exchange(ref _pool, null)?.Return(_isProbe);
}
