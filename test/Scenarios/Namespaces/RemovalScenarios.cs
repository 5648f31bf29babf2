using NangoOrleans.Scenarios.World;

namespace NangoOrleans.Scenarios.Namespaces;

/// <summary>Everything at once goes: a namespace with all that is in it, or the definition with all its resources.</summary>
public sealed class RemovalScenarios
{
    private const int Resources = 20;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task A_namespace_goes_with_everything_in_it(ServerKind kind)
    {
        await using var world = await OperatorWorld.StartAsync(kind, Ct);
        await ApplyAsync(world);

        await world.DeletePathAsync($"api/v1/namespaces/{world.Namespace}", Ct);
        await world.UntilPathGoneAsync($"api/v1/namespaces/{world.Namespace}", Ct);

        Assert.Equal(0, world.Nango.State.Environment().Count);
    }

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task A_namespace_whose_token_goes_first_does_not_hang_and_says_on_the_namespace_what_is_left(ServerKind kind)
    {
        // The operator's own credential is the same token; it must not stand in for the one that is gone.
        await using var world = await OperatorWorld.StartAsync(
            kind, Ct, ("NangoOrleans__Deletion__GiveUpAfter", "1s"), ("NangoOrleans__DefaultCredential__Namespaces", "elsewhere"));
        await world.ApplyAsync(Manifest.Secret("token", ("token", OperatorWorld.Token)), Ct);
        await world.ApplyAsync(Manifest.Slack("orphan", "orphan-key", more: "  nango_token: {secretKeyRef: {name: token, key: token}}"), Ct);
        await world.UntilAsync("orphan", s => s.IsReady, Ct);
        await world.DeleteSecretAsync("token", Ct);

        await world.DeletePathAsync($"api/v1/namespaces/{world.Namespace}", Ct);
        await world.UntilPathGoneAsync($"api/v1/namespaces/{world.Namespace}", Ct);

        Assert.NotNull(world.Nango.State.Environment().Find("orphan-key"));
        await world.UntilAsync(
            async () => (await world.ClusterEventsAsync(Ct)).Any(e => (string?)e["involvedObject"]!["kind"] == "Namespace"
                && (string?)e["involvedObject"]!["name"] == world.Namespace && (string?)e["reason"] == "DeletionAbandoned"),
            Ct);
    }

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task Deleting_the_definition_empties_nothing_in_Nango(ServerKind kind)
    {
        const string Definition = "apis/apiextensions.k8s.io/v1/customresourcedefinitions/nangointegrations.nango.nango.dev";
        await using var world = await OperatorWorld.StartAsync(kind, Ct);
        await ApplyAsync(world, "  deletion_policy: Delete");

        await world.DeletePathAsync(Definition, Ct);
        await world.UntilPathGoneAsync(Definition, Ct);

        Assert.Equal(Resources, world.Nango.State.Environment().Count);
        Assert.Empty(world.Nango.Journal.Entries(method: "DELETE"));
    }

    private static async Task ApplyAsync(OperatorWorld world, string more = "")
    {
        for (var i = 0; i < Resources; i++) await world.ApplyAsync(Manifest.Slack($"going-{i}", $"going-{i}", more: more), Ct);
        await world.UntilAllAsync(Resources, s => s.IsReady, Ct);
    }
}
