using System.Collections.Immutable;

namespace NangoOrleans.Chaos;

/// <summary>Everything that will happen, in order of time: a pure function of the options.</summary>
public sealed record ChaosPlan(ChaosOptions Options, ImmutableArray<ResourceEvent> Events, ImmutableArray<Disruption> Disruptions)
{
    /// <summary>Draws a plan.</summary>
    public static ChaosPlan Draw(ChaosOptions options) => new(
        options,
        [.. ResourcePlan.Draw(options, new Random(options.Seed)).OrderBy(e => e.At).ThenBy(e => e.Name, StringComparer.Ordinal)],
        // A source of its own: the disturbances of a seed stay what they are when the number of resources changes.
        [.. DisruptionPlan.Draw(options, new Random(~options.Seed)).OrderBy(d => d.At)]);

    /// <summary>What each resource must come to.</summary>
    public IReadOnlyDictionary<string, ResourceFate> Fates { get; } =
        Events.GroupBy(e => e.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, ResourceFate.Of, StringComparer.Ordinal);
}

/// <summary>What a resource must have come to at the end.</summary>
/// <param name="Revision">What it declares at last; null when it must be gone.</param>
/// <param name="Lifetimes">How often it was created.</param>
/// <param name="Edits">How often it was changed while it was there.</param>
/// <param name="Deletions">How often it was deleted.</param>
public sealed record ResourceFate(int? Revision, int Lifetimes, int Edits, int Deletions)
{
    /// <summary>Follows the events of one resource, in order.</summary>
    public static ResourceFate Of(IEnumerable<ResourceEvent> events) => events.Aggregate(
        new ResourceFate(null, 0, 0, 0),
        (fate, e) => (e.Action, fate.Revision) switch
        {
            (ResourceAction.Delete, _) => fate with { Revision = null, Deletions = fate.Deletions + 1 },
            (_, null) => fate with { Revision = e.Revision, Lifetimes = fate.Lifetimes + 1 },
            _ => fate with { Revision = e.Revision, Edits = fate.Edits + 1 },
        });
}
