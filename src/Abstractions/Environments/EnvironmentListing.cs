using NangoOrleans.Failures;

namespace NangoOrleans.Environments;

/// <summary>Answer to a list of an environment: rows, or why there are none.</summary>
[GenerateSerializer, Immutable, Alias("nango.EnvironmentListing")]
public sealed record EnvironmentListing
{
    /// <summary>Everything the environment holds; null when it could not be listed.</summary>
    [Id(0)] public IReadOnlyList<ListedIntegration>? Integrations { get; init; }

    /// <summary>Why there are no rows.</summary>
    [Id(1)] public Failure? Failure { get; init; }

    /// <summary>True when the credential belongs to another environment by now (its token was replaced).</summary>
    [Id(2)] public bool Moved { get; init; }

    /// <summary>How long before its delivery the list was begun: what was written since may be missing from it.</summary>
    [Id(3)] public TimeSpan Age { get; init; }
}

/// <summary>A row of a list. Times are kept exactly as Nango writes them.</summary>
/// <param name="UniqueKey">Nango's key.</param>
/// <param name="CreatedAt">Identity of the integration.</param>
/// <param name="UpdatedAt">When it was last written to, by anybody.</param>
[GenerateSerializer, Immutable, Alias("nango.ListedIntegration")]
public readonly record struct ListedIntegration([property: Id(0)] string UniqueKey, [property: Id(1)] string CreatedAt, [property: Id(2)] string UpdatedAt);
