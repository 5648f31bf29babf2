namespace NangoOrleans.Environments;

/// <summary>What an environment's server said when it was asked for a provider.</summary>
[GenerateSerializer, Immutable, Alias("nango.KnownProvider")]
public sealed record KnownProvider
{
    /// <summary>Name that was asked for.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>How end users authenticate; null when the server does not know the provider.</summary>
    [Id(1)] public string? AuthMode { get; init; }

    /// <summary>Name for people.</summary>
    [Id(2)] public string DisplayName { get; init; } = "";

    /// <summary>For an unknown provider: the catalogue's names that are most like it.</summary>
    [Id(3)] public IReadOnlyList<string> Nearest { get; init; } = [];

    /// <summary>After that the server is asked again.</summary>
    [Id(4)] public DateTimeOffset Expires { get; init; }
}
