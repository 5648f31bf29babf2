using NangoOrleans.Failures;
using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

public sealed class EnvironmentTransitionTests
{
    private static readonly NangoEnvironmentStatus Good = Status("True", Reasons.TokenAccepted);
    private static readonly NangoEnvironmentStatus Refused = Status("False", Reasons.TokenRefused, ConditionTypes.Stalled);
    private static readonly NangoEnvironmentStatus Away = Status("False", Reasons.Unreachable, ConditionTypes.Reconciling);
    private static readonly NangoEnvironmentStatus Suspended = Status("False", Reasons.Suspended);

    public static TheoryData<string, NangoEnvironmentStatus?, NangoEnvironmentStatus, bool?> Steps => new()
    {
        { "first known to be good", null, Good, false },
        { "first known to be bad", null, Refused, true },
        { "lost", Good, Away, true },
        { "regained", Away, Good, false },
        { "suspended", Good, Suspended, false },
        { "suspended while away", Away, Suspended, false },
        { "resumed", Suspended, Good, false },
        { "now somebody has to act", Away, Refused, true },
        { "away in another way", Away, Status("False", Reasons.Timeout, ConditionTypes.Reconciling), null },
        { "still refused", Refused, Refused with { ObservedLimit = 3 }, null },
        { "still good with other counts", Good, Good with { Integrations = new() { Declared = 3 } }, null },
    };

    [Theory, MemberData(nameof(Steps))]
    public void Only_steps_are_told(string step, NangoEnvironmentStatus? before, NangoEnvironmentStatus after, bool? isWarning)
    {
        var told = EnvironmentTransition.Between(before, after);

        Assert.True(told?.IsWarning == isWarning, step);
        if (told is not null) Assert.Equal((after.Condition(ConditionTypes.Ready)!.Reason, "A sentence."), (told.Reason, told.Message));
    }

    private static NangoEnvironmentStatus Status(string ready, string reason, params string[] more) => new()
    {
        Conditions = [Condition(ConditionTypes.Ready, ready, reason), .. more.Select(type => Condition(type, "True", reason))],
    };

    private static Condition Condition(string type, string status, string reason) =>
        new() { Type = type, Status = status, Reason = reason, Message = "A sentence.", ObservedGeneration = 1, LastTransitionTime = default };
}
