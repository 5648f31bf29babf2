using System.Text.RegularExpressions;
using NangoOrleans.Testing;

namespace NangoOrleans.Packaging;

/// <summary>What watches the operator asks for figures that it has.</summary>
public sealed partial class MetricNameTests
{
    [Theory]
    [InlineData("k8s/monitoring/prometheus-rule.yaml")]
    [InlineData("k8s/components/autoscaling/horizontal-pod-autoscaler.yaml")]
    public void Every_metric_is_one_of_the_programs_instruments(string file)
    {
        var sources = string.Join('\n', Directory.EnumerateFiles(RepositoryFiles.In("src"), "*Metrics.cs", SearchOption.AllDirectories)
            .Append(RepositoryFiles.In("src/Grains/Environments/EnvironmentPermits.cs")).Select(File.ReadAllText));
        var instruments = Instrument().Matches(sources).Select(match => match.Groups[1].Value.Replace('.', '_')).ToHashSet(StringComparer.Ordinal);

        var used = Used().Matches(RepositoryFiles.Read(file)).Select(match => match.Value).Distinct().ToList();

        Assert.NotEmpty(used);
        Assert.All(used, name => Assert.Contains(Suffix().Replace(name, ""), instruments));
    }

    [GeneratedRegex("\"((?:nango|kubernetes)(?:\\.[a-z]+)+)\"")]
    private static partial Regex Instrument();

    [GeneratedRegex("\\b(?:nango|kubernetes)(?:_[a-z]+)+\\b")]
    private static partial Regex Used();

    // As Prometheus' text form spells counters and durations.
    [GeneratedRegex("(_seconds)?(_total|_count|_sum|_bucket)?$")]
    private static partial Regex Suffix();
}
