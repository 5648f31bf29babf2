using System.Collections.Concurrent;
using NangoOrleans.Environments;

namespace NangoOrleans.Grains.Tests.Support;

/// <summary>The windows of all environments, without grains around them.</summary>
internal sealed class LocalPermits(TimeProvider time) : IPermitSource
{
    private readonly ConcurrentDictionary<string, RequestWindow> _windows = new(StringComparer.Ordinal);

    /// <summary>Batches asked for.</summary>
    public ConcurrentQueue<PermitRequest> Requests { get; } = new();

    /// <summary>Set to make the source unreachable.</summary>
    public bool IsDown { get; set; }

    public ValueTask<PermitLease> LeaseAsync(string environmentKey, PermitRequest request)
    {
        Requests.Enqueue(request);
        if (IsDown) throw new InvalidOperationException("The silo with the grain is gone.");
        var window = _windows.GetOrAdd(environmentKey, _ => new RequestWindow(20));
        lock (window) return ValueTask.FromResult(window.Lease(request, time.GetUtcNow()));
    }
}
