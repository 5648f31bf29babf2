using System.Text.RegularExpressions;
using NangoOrleans.Failures;
using NangoOrleans.Resources;
using NangoOrleans.Testing;

namespace NangoOrleans.Abstractions.Tests.Architecture;

/// <summary>Whoever is called at night searches for these words: they must be those of the code.</summary>
public sealed partial class RunbookTests
{
    // Words of Kubernetes and of this API that look like reasons.
    private static readonly HashSet<string> OtherWords = new(
        [
            "NangoIntegration", "NangoEnvironment", "ClusterNangoEnvironment", "Terminating", "Authorization", "Bearer",
            .. Enum.GetNames<DeletionPolicy>(), "Pending", "Failed", "Deleting", "Conflict",
            .. ConditionTypes.All,
        ],
        StringComparer.Ordinal);

    public static TheoryData<string> Pages =>
    [
        "docs/threat-model.md", "docs/guide/operations.md",
        .. Directory.GetFiles(RepositoryFiles.In("docs/runbooks"), "*.md").Select(file => $"docs/runbooks/{Path.GetFileName(file)}"),
    ];

    [Theory, MemberData(nameof(Pages))]
    public void Reasons_log_events_metrics_and_settings_are_called_as_in_the_code(string page)
    {
        var sources = string.Concat(Directory.EnumerateFiles(RepositoryFiles.In("src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        HashSet<string> words =
        [
            .. OtherWords,
            .. typeof(Reasons).GetFields().Select(field => (string)field.GetRawConstantValue()!),
            .. EventName().Matches(sources).Select(match => match.Groups[1].Value),
        ];
        var metrics = Instrument().Matches(sources).Select(match => match.Groups[1].Value.Replace('.', '_')).ToHashSet(StringComparer.Ordinal);
        var fields = RepositoryFiles.Read("docs/reference.md");
        var settings = RepositoryFiles.Read("docs/guide/settings.md");

        var quoted = Quoted().Matches(RepositoryFiles.Read(page)).Select(match => match.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

        Assert.DoesNotContain(quoted, word => PascalCase().IsMatch(word) && !IsSetting(word) && !words.Contains(word));
        Assert.DoesNotContain(quoted, word => MetricName().IsMatch(word) && !fields.Contains($"`spec.{word}`", StringComparison.Ordinal) && !metrics.Any(metric => word.StartsWith(metric, StringComparison.Ordinal)));
        Assert.DoesNotContain(quoted, word => SettingName().IsMatch(word) && !IsSetting(word));

        bool IsSetting(string word) => settings.Contains($"| `{word}` |", StringComparison.Ordinal);
    }

    [Fact]
    public void Every_runbook_is_in_the_table()
    {
        var table = RepositoryFiles.Read("docs/runbooks/README.md");

        Assert.DoesNotContain(
            Directory.GetFiles(RepositoryFiles.In("docs/runbooks"), "*.md").Select(file => Path.GetFileName(file)!),
            name => name != "README.md" && !table.Contains($"({name})", StringComparison.Ordinal));
    }

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex("EventName = \"([A-Za-z]+)\"")]
    private static partial Regex EventName();

    [GeneratedRegex("\"((?:nango|kubernetes)\\.[a-z.]+)\"")]
    private static partial Regex Instrument();

    [GeneratedRegex("^[A-Z][a-z]+(?:[A-Z][a-z]+)*$")]
    private static partial Regex PascalCase();

    [GeneratedRegex("^(?:nango|kubernetes)_[a-z_]+$")]
    private static partial Regex MetricName();

    [GeneratedRegex("^[A-Z][A-Za-z]+:[A-Z][A-Za-z]+$")]
    private static partial Regex SettingName();
}
