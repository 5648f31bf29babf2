using NangoOrleans.Failures;
using NangoOrleans.Grains.Tests.Hosting;
using NangoOrleans.Grains.Tests.Support;
using NangoOrleans.Integrations;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Integrations;

/// <summary>Resources that vanish between the POST and its report, which takes somebody who takes the finalizer off by force.</summary>
public sealed class LeftoverTests(GrainHost host) : GrainTests(host)
{
    [Fact]
    public async Task It_is_removed_again_however_often_that_fails_at_first()
    {
        var outages = 4;
        Lose("stubborn", () => outages-- > 0 ? throw Wire.Failing(FailureKind.Transient, Reasons.Unreachable) : Task.CompletedTask);

        await Host.PokeAsync("stubborn");
        await Host.LetTimePassUntilAsync(() => Host.Calls("stubborn").Contains("delete"));

        await UntilFreshAsync("stubborn");
        Assert.DoesNotContain("stubborn", Host.Nango.Environment().Integrations.Keys);
        Assert.DoesNotContain(Host.Cluster.Events, e => e.Name == "team/stubborn" && e.Warning);
    }

    [Fact]
    public async Task It_is_removed_although_the_loss_is_found_out_only_after_an_outage_of_the_API_server()
    {
        var outages = 2;
        Host.Wire.Before = call =>
        {
            if (call == "status team/unseen") Host.Cluster.Vanish(new IntegrationKey("team", "unseen"));
            return call.EndsWith("team/unseen", StringComparison.Ordinal) && !call.StartsWith("finalizer", StringComparison.Ordinal) && outages-- > 0
                ? throw Wire.Failing(FailureKind.Transient, Reasons.KubernetesUnavailable)
                : Task.CompletedTask;
        };
        Put("unseen");

        await Host.PokeAsync("unseen");

        await Host.LetTimePassUntilAsync(() => Host.Calls("unseen").Contains("delete"));
        await UntilFreshAsync("unseen");
    }

    [Fact]
    public async Task A_refusal_is_tried_for_as_long_as_a_deletion_would_and_ends_with_a_warning()
    {
        Lose("refused", () => throw Wire.Failing(FailureKind.Terminal, Reasons.TokenRefused));

        await Host.PokeAsync("refused");
        await Host.LetTimePassUntilAsync(() => Host.Cluster.Events.Any(e => e.Name == "team/refused" && e.Reason == Reasons.DeletionAbandoned), secondsAtATime: 30);

        Assert.Contains(Host.Cluster.Events, e => e.Name == "team/refused" && e.Warning && e.Message.Contains("delete it there", StringComparison.Ordinal));
        await UntilFreshAsync("refused");
    }

    [Fact]
    public async Task It_is_given_up_with_a_warning_once_a_deletion_would_be()
    {
        Lose("hopeless", () => throw Wire.Failing(FailureKind.Transient, Reasons.Unreachable));
        var start = Host.Time.GetUtcNow();

        await Host.PokeAsync("hopeless");
        await Host.LetTimePassUntilAsync(() => Host.Cluster.Events.Any(e => e.Name == "team/hopeless" && e.Reason == Reasons.DeletionAbandoned), secondsAtATime: 30);

        Assert.True(Host.Time.GetUtcNow() - start >= TimeSpan.FromHours(1));
        await UntilFreshAsync("hopeless");
    }

    [Fact]
    public async Task It_is_left_to_the_next_resource_of_the_name_that_takes_it_over()
    {
        var outages = 1;
        Lose("again", () => outages-- > 0 ? throw Wire.Failing(FailureKind.Transient, Reasons.Unreachable) : Task.CompletedTask);
        await Host.PokeAsync("again");
        await UntilNextAttemptAsync("again");
        Host.Wire.Before = null;

        Host.Cluster.Put(Named("again").Meta(m => m with { Uid = "uid-second" }).Build());
        await Host.PokeAsync("again");
        await Host.UntilStatusAsync("again", IntegrationPhase.Created);
        await Host.LetTimePassUntilAsync(() => Host.Calls("again").Contains("get"));
        await Host.UntilRestingAsync("again", runs: 2);

        Assert.Contains("again", Host.Nango.Environment().Integrations.Keys);
        Assert.DoesNotContain("delete", Host.Calls("again"));
    }

    private void Lose(string name, Func<Task> look)
    {
        Host.Wire.Before = call =>
        {
            if (call == $"status team/{name}") Host.Cluster.Vanish(new IntegrationKey("team", name));
            return call == $"look {name}" ? look() : Task.CompletedTask;
        };
        Put(name);
    }
}
