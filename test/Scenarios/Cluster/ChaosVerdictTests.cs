using NangoOrleans.Chaos;

namespace NangoOrleans.Scenarios.Cluster;

/// <summary>"lives" was applied, edited once and remains at revision 2; "gone" was applied, deleted, applied and deleted.</summary>
public sealed class ChaosVerdictTests
{
    private static readonly DateTimeOffset Made = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly ChaosPlan Plan = new(
        new() { Seed = 0 },
        [
            new(TimeSpan.Zero, "lives", ResourceAction.Apply, 1), new(TimeSpan.Zero, "lives", ResourceAction.Apply, 2),
            new(TimeSpan.Zero, "gone", ResourceAction.Apply, 1), new(TimeSpan.Zero, "gone", ResourceAction.Delete, 2),
            new(TimeSpan.Zero, "gone", ResourceAction.Apply, 3), new(TimeSpan.Zero, "gone", ResourceAction.Delete, 4),
        ],
        []);

    private static readonly SeenResource Settled = new("lives", 2, IsDeleting: false, IsSettled: true, Made, "Created");
    private static readonly SeenIntegration There = new("lives", 2, Made);

    public static TheoryData<string, string, SeenResource[], SeenIntegration[]> States => new()
    {
        { "all well", "", [Settled], [There] },
        { "resource vanished", "lost-resource lives", [], [There] },
        { "resource being deleted by nobody", "lost-change lives", [Settled with { IsDeleting = true }], [There] },
        { "edit vanished", "lost-change lives", [Settled with { Revision = 1 }], [There] },
        { "operator not done", "not-settled lives", [Settled with { IsSettled = false }], [There] },
        { "operator says Ready, Nango has nothing", "missing lives", [Settled], [] },
        { "operator says Ready, Nango has the old text", "not-applied lives", [Settled], [There with { Revision = 1 }] },
        { "status names another integration", "wrong-identity lives", [Settled with { CreatedAt = Made.AddSeconds(1) }], [There] },
        { "status names none", "wrong-identity lives", [Settled with { CreatedAt = null }], [There] },
        { "deleted one hangs", "not-gone gone", [Settled, Settled with { Name = "gone", IsDeleting = true }], [There] },
        { "deleted one is still in Nango", "left-behind gone", [Settled], [There, There with { Key = "gone" }] },
        { "Nango has what nobody declared", "left-behind other", [Settled], [There, There with { Key = "other" }] },
    };

    public static TheoryData<string, string, string, int> Journals => new()
    {
        { "all well", "", "POST lives 200, PATCH lives 200, POST gone 200, DELETE gone 200, POST gone 200, DELETE gone 200", 2 },
        { "lists and the catalogue are nobody's", "", "GET  200, POST lives 200", 0 },
        { "second life ended before the operator saw it", "", "POST lives 200, POST gone 200, DELETE gone 200", 1 },
        { "refused and unanswered calls change nothing", "", "POST lives 500, POST lives -, POST lives 200, POST lives 400", 0 },
        { "created twice in one lifetime", "created-again lives #4", "POST lives 200, GET lives 200, DELETE lives 500, POST lives 200", 0 },
        { "deleted without a deletion", "deleted-again lives #2", "POST lives 200, DELETE lives 200", 0 },
        { "created a third time in two lifetimes", "created-again gone #6", "POST lives 200, POST gone 200, DELETE gone 200, POST gone 200, DELETE gone 200, POST gone 200", 0 },
        { "never created", "not-created lives", "GET lives 404", 0 },
        { "second lifetime took over what the first left behind", "not-deleted gone", "POST lives 200, POST gone 200, POST gone 200, DELETE gone 200", 2 },
        { "somebody else's integration", "unknown-key other #2", "POST lives 200, PATCH other 200", 0 },
    };

    [Theory]
    [MemberData(nameof(States), DisableDiscoveryEnumeration = true)]
    public void State_is_judged(string why, string violation, SeenResource[] resources, SeenIntegration[] integrations)
    {
        var found = Verdict.OfState(Plan, resources, integrations);

        Assert.True(violation == string.Join("; ", found.Select(Name)), why);
    }

    [Theory]
    [MemberData(nameof(Journals))]
    public void Journal_is_judged(string why, string violation, string calls, int deletedWhenCreated)
    {
        var ended = new Dictionary<string, int>(StringComparer.Ordinal) { ["gone"] = deletedWhenCreated };

        var found = Verdict.OfJournal(Plan, calls.Split(", ").Select(Read), ended);

        Assert.True(violation == string.Join("; ", found.Select(Name)), why);
    }

    private static string Name(Violation violation) =>
        FormattableString.Invariant($"{violation.Rule} {violation.Key}{(violation.Seq is null ? "" : $" #{violation.Seq}")}");

    private static Call Read(string call, int index) => call.Split(' ') is [var method, var key, var status]
        ? new(index + 1, DateTimeOffset.UnixEpoch.AddSeconds(index), method, key, int.TryParse(status, out var code) ? code : null)
        : throw new ArgumentException(call, nameof(call));
}
