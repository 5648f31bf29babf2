using System.Collections.Concurrent;
using NangoOrleans.Integrations;

namespace NangoOrleans.Watching;

/// <summary>Grains that keep what they are told and do with a call what the test says.</summary>
internal sealed class RecordingGrains : IGrainFactory
{
    private readonly ConcurrentQueue<(string Key, IntegrationPoke Poke)> _told = new();
    private readonly ConcurrentDictionary<string, int> _inFlight = new(StringComparer.Ordinal);
    private int _most;

    /// <summary>Calls in order of arrival.</summary>
    public IReadOnlyList<(string Key, IntegrationPoke Poke)> Told => [.. _told];

    /// <summary>Most calls at once for one key.</summary>
    public int MostAtOnce => Volatile.Read(ref _most);

    /// <summary>What a call does.</summary>
    public Func<string, Task> During { get; set; } = _ => Task.CompletedTask;

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => (TGrainInterface)(object)new Grain(this, primaryKey);

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidCompoundKey => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string keyExtension, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerCompoundKey => throw new NotSupportedException();

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException();

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) => throw new NotSupportedException();

    public IGrain GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) => throw new NotSupportedException();

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => throw new NotSupportedException();

    public IAddressable GetGrain(GrainId grainId) => throw new NotSupportedException();

    public IAddressable GetGrain(GrainId grainId, GrainInterfaceType interfaceType) => throw new NotSupportedException();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) => throw new NotSupportedException();

    public IAddressable GetGrain(Type interfaceType, IdSpan grainKey) => throw new NotSupportedException();

    private async Task TellAsync(string key, IntegrationPoke poke)
    {
        var now = _inFlight.AddOrUpdate(key, 1, (_, n) => n + 1);
        for (var most = MostAtOnce; most < now; most = MostAtOnce) Interlocked.CompareExchange(ref _most, now, most);
        _told.Enqueue((key, poke));
        try
        {
            await During(key);
        }
        finally
        {
            _inFlight.AddOrUpdate(key, 0, (_, n) => n - 1);
        }
    }

    private sealed class Grain(RecordingGrains grains, string key) : INangoIntegrationGrain
    {
        public async ValueTask Observe(IntegrationPoke poke) => await grains.TellAsync(key, poke);

        public Task<IntegrationGrainState> GetState() => throw new NotSupportedException();
    }
}
