using System.Collections.Concurrent;
using NangoOrleans.Integrations;

namespace NangoOrleans.Grains.Tests.Support;

/// <summary>Other silos that remember: what they were asked, in order.</summary>
internal sealed class RecordingWitnesses : IWitnesses
{
    /// <summary><c>keep</c> or <c>forget</c>, and the uid.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>What they remember now.</summary>
    public ConcurrentDictionary<string, Leftover> Kept { get; } = new(StringComparer.Ordinal);

    /// <summary>False: none of them is there.</summary>
    public bool AreThere { get; set; } = true;

    public Task<bool> KeepAsync(Leftover leftover)
    {
        Asked.Enqueue($"keep {leftover.Uid}");
        if (AreThere) Kept[leftover.Uid] = leftover;
        return Task.FromResult(AreThere);
    }

    public Task ForgetAsync(string uid)
    {
        Asked.Enqueue($"forget {uid}");
        Kept.TryRemove(uid, out _);
        return Task.CompletedTask;
    }
}
