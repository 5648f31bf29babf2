using System.Globalization;
using NangoOrleans.Chaos;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Scenarios.Cluster;

/// <summary>The chaos program, short; "make chaos" runs it at any length.</summary>
public sealed class ChaosScenarios
{
    // The same disruptions at the same moments in every run; CHAOS_SEED for others.
    private static int Seed => int.TryParse(Environment.GetEnvironmentVariable("CHAOS_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var seed) ? seed : 1;

    [Fact]
    public async Task Nothing_is_lost_or_done_twice_while_silos_and_the_api_server_are_killed_frozen_and_added()
    {
        Assert.SkipUnless(RealApiServer.IsAvailable, RealApiServer.SkipReason ?? "");
        var options = new ChaosOptions { Seed = Seed, Length = TimeSpan.FromSeconds(75), Resources = 300 };
        void Say(string line) => TestContext.Current.SendDiagnosticMessage("{0}", line);
        Say($"Seed {options.Seed}");

        var report = await ChaosRun.RunAsync(options, TimeSpan.FromMinutes(5), RepositoryFiles.In("artifacts/test-results/chaos"), Say, TestContext.Current.CancellationToken);

        foreach (var line in report.Describe()) Say(line);
        Assert.True(report.Violations.Count == 0, $"Seed {options.Seed}:\n{string.Join('\n', report.Complaints())}");
    }
}
