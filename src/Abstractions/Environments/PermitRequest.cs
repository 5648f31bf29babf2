using NangoOrleans.Nango;

namespace NangoOrleans.Environments;

/// <summary>A silo asks for permission to make requests, and tells what it has seen since it last asked.</summary>
[GenerateSerializer, Immutable, Alias("nango.PermitRequest")]
public sealed record PermitRequest
{
    /// <summary>Name of the silo.</summary>
    [Id(0)] public required string Holder { get; init; }

    /// <summary>Its requests under way; Nango may not have counted them yet.</summary>
    [Id(1)] public int UnderWay { get; init; }

    /// <summary>How many it would like to make.</summary>
    [Id(2)] public int Wanted { get; init; }

    /// <summary>Fewer are of no use to it: then rather none.</summary>
    [Id(4)] public int AtLeast { get; init; } = 1;

    /// <summary>The newest word of Nango on its limit; null when there was none.</summary>
    [Id(3)] public RateLimitReading? Reading { get; init; }
}

/// <summary>Permission to make requests.</summary>
[GenerateSerializer, Immutable, Alias("nango.PermitLease")]
public sealed record PermitLease
{
    /// <summary>How many; 0 means none before <see cref="NotBefore"/>.</summary>
    [Id(0)] public int Granted { get; init; }

    /// <summary>After that what was not used is void.</summary>
    [Id(1)] public TimeSpan ValidFor { get; init; }

    /// <summary>With nothing granted: how long to wait before asking again.</summary>
    [Id(2)] public TimeSpan NotBefore { get; init; }

    /// <summary>False when no limit is known: then the first answer that shows one makes the lease void.</summary>
    [Id(3)] public bool IsLimited { get; init; }
}
