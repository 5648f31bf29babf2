using System.ComponentModel;
using System.Text.Json.Serialization;

namespace NangoOrleans.Resources;

/// <summary>Observed state of a <see cref="NangoEnvironment"/>. Written on transitions, and at most once a minute when a count changed.</summary>
public sealed record NangoEnvironmentStatus
{
    /// <summary>Conditions, one for each type.</summary>
    [JsonPropertyName("conditions")][Description("Ready, and while true Reconciling and Stalled."), Schema(ListMapKey = "type")] public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>Generation this status speaks of; -1 before the operator has seen the object.</summary>
    [JsonPropertyName("observedGeneration")][Description("Generation of the spec that this status speaks of; -1 until the operator has seen it.")] public long? ObservedGeneration { get; init; }

    /// <summary>When this status last changed.</summary>
    [JsonPropertyName("last_updated")][Description("When this status last changed.")] public DateTimeOffset? LastUpdated { get; init; }

    /// <summary>The Secret whose token was last tried.</summary>
    [JsonPropertyName("token_secret")][Description("The Secret whose token was last tried, by name and version.")] public ObservedSecret? TokenSecret { get; init; }

    /// <summary>Limit that Nango's answers told.</summary>
    [JsonPropertyName("observed_limit")][Description("Requests a minute that Nango allows, as its answers say.")] public int? ObservedLimit { get; init; }

    /// <summary>Integrations that refer to it.</summary>
    [JsonPropertyName("integrations")][Description("How many integrations refer to this environment.")] public IntegrationCounts? Integrations { get; init; }

    /// <summary>When all integrations were last listed; only as fresh as the last write.</summary>
    [JsonPropertyName("last_list_time")][Description("When Nango was last asked for all its integrations, as of the last change of this status.")] public DateTimeOffset? LastListTime { get; init; }

    /// <summary>The condition of a type, or null.</summary>
    /// <param name="type">One of <see cref="ConditionTypes"/>.</param>
    public Condition? Condition(string type) => Conditions.FirstOrDefault(c => string.Equals(c.Type, type, StringComparison.Ordinal));
}

/// <summary>Integrations of an environment.</summary>
public sealed record IntegrationCounts
{
    /// <summary>All that refer to it.</summary>
    [JsonPropertyName("declared")][Description("Those that refer to it.")] public int Declared { get; init; }

    /// <summary>Those that Nango agrees with.</summary>
    [JsonPropertyName("ready")][Description("Those that Nango agrees with.")] public int Ready { get; init; }

    /// <summary>Those that wait for somebody.</summary>
    [JsonPropertyName("failed")][Description("Those that failed or wait for a key that another resource owns.")] public int Failed { get; init; }
}
