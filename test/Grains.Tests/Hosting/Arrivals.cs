using System.Collections.Concurrent;

namespace NangoOrleans.Grains.Tests.Hosting;

/// <summary>Counts the calls that reached grains: calls made in one order may arrive in another.</summary>
internal sealed class Arrivals : IIncomingGrainCallFilter
{
    private readonly ConcurrentDictionary<(GrainId Grain, string Method), int> _counts = new();

    /// <summary>How often a method of a grain was entered.</summary>
    public int Count(IAddressable grain, string method) => _counts.GetValueOrDefault((grain.GetGrainId(), method));

    /// <inheritdoc/>
    public Task Invoke(IIncomingGrainCallContext context)
    {
        _counts.AddOrUpdate((context.TargetId, context.MethodName), 1, static (_, count) => count + 1);
        return context.Invoke();
    }
}
