using System.Reflection;
using System.Text.RegularExpressions;
using NangoOrleans.Failures;
using NangoOrleans.Resources;
using NangoOrleans.Testing;

namespace NangoOrleans.Abstractions.Tests.Failures;

public sealed partial class ReasonsTests
{
    private static readonly string Page = RepositoryFiles.Read("docs/reference.md");

    [Fact]
    public void The_reference_page_explains_every_reason_and_no_other() =>
        Assert.Equal(Constants(typeof(Reasons)), FirstColumn("## Reasons"));

    [Fact]
    public void The_reference_page_explains_every_phase_and_no_other() =>
        Assert.Equal(Constants(typeof(IntegrationPhase)), FirstColumn("### Phases"));

    [Fact]
    public void The_reference_page_explains_every_condition_and_no_other() =>
        Assert.Equal(Constants(typeof(ConditionTypes)), FirstColumn("### Conditions"));

    [Fact]
    public void The_set_of_conditions_is_all_of_them() =>
        Assert.Equal(Constants(typeof(ConditionTypes)), ConditionTypes.All.Order(StringComparer.Ordinal));

    [Fact]
    public void A_reason_is_its_own_name_in_the_form_that_Kubernetes_asks_for() => Assert.All(
        typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static),
        field =>
        {
            Assert.Equal(field.Name, field.GetRawConstantValue());
            Assert.Matches("^[A-Z][A-Za-z]*$", field.Name);
        });

    private static IEnumerable<string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal);

    private static IEnumerable<string> FirstColumn(string heading)
    {
        var start = Page.IndexOf($"\n{heading}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"docs/reference.md has no heading \"{heading}\".");
        var end = Page.IndexOf("\n#", start + heading.Length, StringComparison.Ordinal);
        return Row().Matches(Page[start..end]).Select(row => row.Groups["word"].Value).Order(StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^\| (?<word>[A-Z][A-Za-z]*) \| \S", RegexOptions.Multiline)]
    private static partial Regex Row();
}
