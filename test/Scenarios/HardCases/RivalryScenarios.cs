using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Scenarios.HardCases;

/// <summary>Many want one key.</summary>
public sealed class RivalryScenarios
{
    private const int Rivals = 50;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ServerKind.Real)]
    [InlineData(ServerKind.Development)]
    public async Task Fifty_rivals_in_two_namespaces_find_one_winner_whom_no_crash_changes(ServerKind kind)
    {
        await using var world = await OperatorWorld.StartAsync(kind, Ct);
        var other = await world.Server.CreateNamespaceAsync(Ct);
        var seed = Environment.TickCount;
        TestContext.Current.SendDiagnosticMessage("Seed {0}", seed);
        var order = Enumerable.Range(0, Rivals).ToArray();
        new Random(seed).Shuffle(order);

        foreach (var i in order)
        {
            await world.Server.ApplyAsync(Manifest.Slack($"rival-{i}", "wanted", $"Rival {i}"), i % 2 == 0 ? world.Namespace : other, Ct);
            if (i == Rivals / 2)
            {
                await world.KillOperatorAsync();
                await world.StartOperatorUnreadyAsync(Ct);
            }
        }

        // Until the winner has reported what it made, an older rival that comes in meanwhile takes it over: the rank is what counts.
        var winner = await world.UntilOneWinsAsync(Rivals, "wanted", Ct);
        var won = world.Nango.Journal.LastSeq;
        await world.KillOperatorAsync();
        await world.StartOperatorAsync(Ct);

        Assert.Equal(winner, await world.UntilOneWinsAsync(Rivals, "wanted", Ct));
        var remote = Assert.Single(world.Nango.State.Environment().All());
        Assert.Equal($"Rival {winner.Split('-')[^1]}", remote.DisplayName);
        Assert.Single(world.Nango.Journal.Entries(method: "POST"), call => call.Status == 200);
        Assert.DoesNotContain(world.Nango.Journal.Entries(won), call => call.Method != "GET");
    }
}
