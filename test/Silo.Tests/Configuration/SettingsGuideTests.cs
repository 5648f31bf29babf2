using System.Text.RegularExpressions;
using NangoOrleans.Testing;

namespace NangoOrleans.Configuration;

/// <summary>docs/guide/settings.md and the options classes say the same.</summary>
public sealed partial class SettingsGuideTests
{
    private static readonly string Page = File.ReadAllText(RepositoryFiles.In("docs/guide/settings.md"));

    public static TheoryData<string> Paths => [.. Setting.All.Select(setting => setting.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Every_setting_stands_in_the_guide_with_its_default_and_environment_name(string path)
    {
        var setting = Setting.All.Single(s => s.Path == path);
        var value = setting.ReadText(new OperatorOptions());
        var expected = $"| `{path[(Setting.Section.Length + 1)..]}` | `{setting.EnvironmentName}` | {(value.Length == 0 ? "(empty)" : $"`{value}`")} |";

        Assert.Contains(expected, Page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_guide_names_no_setting_that_does_not_exist()
    {
        var named = Row().Matches(Page).Select(row => row.Groups[1].Value);

        Assert.Empty(named.Except(Setting.All.Select(setting => setting.EnvironmentName)));
    }

    [GeneratedRegex(@"`(NangoOrleans__\w+)`")]
    private static partial Regex Row();
}
