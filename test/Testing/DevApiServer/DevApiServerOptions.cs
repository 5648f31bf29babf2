namespace NangoOrleans.Testing.ApiServer;

/// <summary>Settings of a <see cref="DevApiServer"/>.</summary>
public sealed record DevApiServerOptions
{
    /// <summary>TCP port on loopback; 0 (the default) takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The bearer token clients must present; by default a random one.</summary>
    public string? Token { get; init; }

    /// <summary>How many events each resource keeps for watches to resume from. Default 10,000.</summary>
    public int EventLogCapacity { get; init; } = 10_000;

    /// <summary>Time between bookmarks on a watch that allows them. Default one minute, as kube-apiserver.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Clock for timestamps, watch timeouts, bookmarks and delays.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Seed of fault rules with a probability, so that a run can be repeated.</summary>
    public int FaultSeed { get; init; } = 1;
}
