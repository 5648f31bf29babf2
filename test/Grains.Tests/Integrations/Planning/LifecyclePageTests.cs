using System.Text.RegularExpressions;
using NangoOrleans.Testing;

namespace NangoOrleans.Grains.Tests.Integrations.Planning;

public sealed partial class LifecyclePageTests
{
    private const int Rows = 26;

    private static readonly string Page = RepositoryFiles.Read("docs/guide/lifecycle.md");

    private static readonly HashSet<string> Decisions = [.. typeof(LifecyclePageTests).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Select(method => method.Name)];

    private static readonly HashSet<string> Scenarios =
    [
        .. Directory.EnumerateFiles(RepositoryFiles.In("test/Scenarios"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Scenario().Matches(File.ReadAllText(file))).Select(match => match.Groups["name"].Value),
    ];

    [Fact]
    public void Every_row_is_proven_by_a_decision_and_a_scenario_that_exist()
    {
        var rows = Page.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(line => line.Split(" | ")).ToList();

        Assert.Equal(Rows, rows.Count);
        Assert.All(rows, row =>
        {
            Assert.Equal(4, row.Length);
            AssertExist(Names(row[2]), Decisions);
            AssertExist(Names(row[3]), Scenarios);
        });
    }

    [Fact]
    public void Every_scenario_named_below_the_table_exists() => AssertExist(Names(Page[Page.IndexOf("\nCases", StringComparison.Ordinal)..]), Scenarios);

    private static void AssertExist(IReadOnlyList<string> names, HashSet<string> known)
    {
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains(name, known));
    }

    private static List<string> Names(string text) => [.. Quoted().Matches(text).Select(match => match.Groups["name"].Value)];

    [GeneratedRegex("`(?<name>[A-Z][A-Za-z0-9]*_[A-Za-z0-9_]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"public async Task (?<name>\w+)\(", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Scenario();
}
