using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing.Silos;

namespace NangoOrleans.Scenarios.Lifecycle;

/// <summary>The way out without the operator: <c>NangoOrleans.Silo release --all</c>.</summary>
public sealed class ReleaseScenarios
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task Released_resources_can_be_deleted_without_the_operator_and_Nango_keeps_everything(ServerKind kind)
    {
        await using var world = await OperatorWorld.StartAsync(kind, Ct);
        await world.ApplyAsync(Manifest.Slack("one", "one") + "\n---\n" + Manifest.Slack("two", "two"), Ct);
        await world.UntilAllAsync(2, s => s.IsReady, Ct);
        await world.KillOperatorAsync();

        Assert.Contains("2 would be released", await ReleaseAsync(world, "--all"), StringComparison.Ordinal);
        Assert.All(await world.ListAsync(Ct), one => Assert.NotNull(one["metadata"]!["finalizers"]));
        Assert.Contains("0 would be released", await ReleaseAsync(world, "--all", "--namespace", "elsewhere"), StringComparison.Ordinal);
        var done = await ReleaseAsync(world, "--all", "--yes");

        Assert.Contains($"{world.Namespace}/one released", done, StringComparison.Ordinal);
        Assert.Contains("Released 2; Nango was left as it is.", done, StringComparison.Ordinal);
        foreach (var name in (string[])["one", "two"])
        {
            await world.DeleteAsync(name, Ct);
            Assert.Null(await world.GetAsync(name, Ct));
        }

        Assert.Equal(2, world.Nango.State.Environment().Count);
    }

    [Fact]
    public async Task Without_all_nothing_is_released()
    {
        await using var command = SiloProcess.Run(new Dictionary<string, string?>(StringComparer.Ordinal), "release");

        Assert.NotEqual(0, await command.WaitForExitAsync());
        Assert.Contains(command.Error, line => line.Contains("--all", StringComparison.Ordinal));
    }

    private static async Task<string> ReleaseAsync(OperatorWorld world, params string[] words)
    {
        await using var command = SiloProcess.Run(new Dictionary<string, string?>(StringComparer.Ordinal) { ["KUBECONFIG"] = world.Proxy.KubeconfigPath }, ["release", .. words]);
        Assert.Equal(0, await command.WaitForExitAsync());
        return string.Join('\n', command.Output);
    }
}
