using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Environments;

public sealed class EnvironmentReporterTests
{
    private static readonly DateTimeOffset Now = IntegrationBuilder.Born.AddHours(3).AddMilliseconds(400);
    private static readonly IntegrationCounts Counts = new() { Declared = 3, Ready = 2, Failed = 1 };
    private static readonly EnvironmentVerdict Good = new(null, new ObservedSecret { Name = "nango", Uid = "u", ResourceVersion = "7" });

    [Fact]
    public void A_good_token_is_reported_once_and_never_again()
    {
        var environment = new EnvironmentBuilder().Build();

        var status = EnvironmentReporter.Report(environment, Good, Counts, Now)!;

        Assert.Equal(("True", Reasons.TokenAccepted), (status.Condition("Ready")!.Status, status.Condition("Ready")!.Reason));
        Assert.Equal((1L, "7", Counts), (status.ObservedGeneration, status.TokenSecret!.ResourceVersion, status.Integrations));
        Assert.Null(EnvironmentReporter.Report(environment with { Status = status }, Good, Counts, Now.AddHours(1)));
    }

    [Fact]
    public void Counts_are_no_transition_but_are_written_when_they_changed()
    {
        var environment = new EnvironmentBuilder().Build();
        var status = EnvironmentReporter.Report(environment, Good, Counts, Now)!;
        var more = Counts with { Declared = 4 };

        Assert.Null(EnvironmentReporter.Report(environment with { Status = status }, Good, more, Now));
        Assert.Null(EnvironmentReporter.Count(status, Counts, Now));
        Assert.Equal(more, EnvironmentReporter.Count(status, more, Now)!.Integrations);
    }

    [Theory]
    [InlineData(FailureKind.Terminal, "Stalled")]
    [InlineData(FailureKind.Transient, "Reconciling")]
    [InlineData(FailureKind.Throttled, "Reconciling")]
    public void A_failure_is_a_dead_end_or_tried_again(FailureKind kind, string condition)
    {
        var status = EnvironmentReporter.Report(new EnvironmentBuilder().Ready().Build(), new(new Failure(kind, Reasons.TokenRefused, "It failed"), null), Counts, Now)!;

        Assert.Equal(["Ready", condition], status.Conditions.Select(c => c.Type));
        Assert.Equal(("False", "It failed."), (status.Condition("Ready")!.Status, status.Condition("Ready")!.Message));
    }

    [Fact]
    public void A_suspended_environment_says_so_and_nothing_else()
    {
        var status = EnvironmentReporter.Report(new EnvironmentBuilder().Spec(s => s with { Suspend = true }).Build(), new(null, null), Counts, Now)!;

        Assert.Equal(("False", Reasons.Suspended), (Assert.Single(status.Conditions).Status, status.Conditions[0].Reason));
    }

    [Fact]
    public void Transition_times_move_only_with_the_status()
    {
        var environment = new EnvironmentBuilder().Stalled(Reasons.TokenRefused).Build();

        var status = EnvironmentReporter.Report(environment, new(new Failure(FailureKind.Terminal, Reasons.TokenMalformed, "It failed."), null), Counts, Now)!;

        Assert.Equal(IntegrationBuilder.Born, status.Condition("Ready")!.LastTransitionTime);
    }
}
