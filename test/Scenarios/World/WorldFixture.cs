namespace NangoOrleans.Scenarios.World;

/// <summary>One world for the tests of a class, started by the first of them.</summary>
public abstract class WorldFixture(ServerKind kind, params (string Name, string Value)[] settings) : IAsyncDisposable
{
    private OperatorWorld? _world;

    /// <summary>For a test that needs a world of its own.</summary>
    public ServerKind Kind { get; } = kind;

    public async Task<OperatorWorld> GetAsync(CancellationToken ct)
    {
        _world ??= await StartAsync(ct);
        _world.Nango.Faults.Clear();
        return _world;
    }

    /// <summary>What the world needs before the first test sees it.</summary>
    protected virtual Task PrepareAsync(OperatorWorld world, CancellationToken ct) => Task.CompletedTask;

    private async Task<OperatorWorld> StartAsync(CancellationToken ct)
    {
        var world = await OperatorWorld.StartAsync(Kind, ct, settings);
        await PrepareAsync(world, ct);
        return world;
    }

    public async ValueTask DisposeAsync()
    {
        if (_world is not null) await _world.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A world on the real API server.</summary>
public sealed class RealWorld() : WorldFixture(ServerKind.Real);

/// <summary>A world on the development double.</summary>
public sealed class DoubleWorld() : WorldFixture(ServerKind.Development);
