using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Scenarios.HardCases;

/// <summary>A cluster whose API server cannot keep fields from being changed, as before CEL.</summary>
public sealed class OldClusterScenarios
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task A_changed_key_or_provider_is_refused_by_the_operator_and_recovers_when_set_back(ServerKind kind)
    {
        await using var world = await OperatorWorld.StartAsync(kind, Ct);
        await world.Server.InstallCrdsAsync(CustomResourceDefinitions.Render(compat: true).Split("---\n"), Ct);
        await world.ApplyAsync(Manifest.Slack("old", "old-key"), Ct);
        await world.UntilAsync("old", s => s.IsReady, Ct);

        await world.PatchAsync("old", """{"spec":{"unique_key":"new-key"}}""", Ct);
        await world.UntilAsync("old", s => s.IsCurrent && s.Reason == "ImmutableField" && s.Condition("Stalled") is not null, Ct);
        await world.PatchAsync("old", """{"spec":{"unique_key":"old-key","provider":"discord"}}""", Ct);
        await world.UntilAsync("old", s => s.IsCurrent && s.Reason == "ImmutableField" && s.Message!.Contains("spec.provider", StringComparison.Ordinal), Ct);
        await world.PatchAsync("old", """{"spec":{"provider":"slack"}}""", Ct);
        await world.UntilAsync("old", s => s.IsReady, Ct);

        Assert.Single(world.Nango.State.Environment().All());
        Assert.Empty(world.Nango.Journal.Entries(method: "PATCH"));
    }
}
