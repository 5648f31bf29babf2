using System.Globalization;

namespace NangoOrleans.Configuration;

/// <summary>
/// Reads <see cref="OperatorOptions"/> and says, by the setting's name, what is wrong with it. Written by hand because the
/// framework's binder stops at the first mistake, names .NET types instead of settings, and ignores what it does not know.
/// </summary>
internal static class SettingsReader
{
    /// <summary>Reads and checks every setting.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <returns>The options, and one sentence for each mistake.</returns>
    public static (OperatorOptions Options, IReadOnlyList<string> Problems) Read(IConfiguration configuration)
    {
        var options = new OperatorOptions();
        List<string> problems = [.. Unknown(configuration.GetSection(Setting.Section))];
        foreach (var setting in Setting.All)
        {
            var section = configuration.GetSection(setting.Path);
            if (!section.Exists()) continue;

            if (Parse(setting.Type, section) is { } value) setting.Write(options, value);
            else problems.Add($"{setting} must be {Expected(setting.Type)}, was {Quote(section.Value)}.");
        }

        problems.AddRange(SettingsRules.Check(options));
        return (options, problems);
    }

    /// <summary>A value as it may stand in a message.</summary>
    /// <param name="value">What was written.</param>
    public static string Quote(string? value) => string.IsNullOrEmpty(value) ? "empty" : value;

    private static object? Parse(Type type, IConfigurationSection section)
    {
        if (type == typeof(IReadOnlyList<string>)) return ReadList(section);

        return section.Value?.Trim() switch
        {
            null => null,
            var text when type == typeof(string) => text,
            var text when type == typeof(int) =>
                int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null,
            var text when type == typeof(bool) => bool.TryParse(text, out var flag) ? flag : null,
            var text when type == typeof(TimeSpan) => Durations.TryParse(text, out var duration) ? duration : null,
            var text when type.IsEnum => Enum.GetNames(type).FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name
                ? Enum.Parse(type, name)
                : null,
            _ => null,
        };
    }

    // A list is written as JSON array, as NAME__0, NAME__1, …, or as one text with commas, which replaces the other two.
    private static List<string> ReadList(IConfigurationSection section)
    {
        var items = string.IsNullOrEmpty(section.Value) ? section.GetChildren().Select(child => child.Value ?? "") : section.Value.Split(',');
        return [.. items.Select(item => item.Trim()).Where(item => item.Length > 0)];
    }

    private static string Expected(Type type) => type switch
    {
        _ when type == typeof(int) => "a whole number",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(TimeSpan) => "a duration such as 90s, 10m or 1h30m",
        { IsEnum: true } => string.Join(" or ", Enum.GetNames(type)),
        _ => "a text",
    };

    private static IEnumerable<string> Unknown(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren())
        {
            if (Setting.All.Any(s => s.Path.Equals(child.Path, StringComparison.OrdinalIgnoreCase))) continue;

            var prefix = child.Path + ":";
            if (Setting.All.Any(s => s.Path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                foreach (var problem in Unknown(child)) yield return problem;
            }
            else
            {
                yield return $"{Setting.Describe(child.Path)} is not a setting; see docs/guide/settings.md for the list.";
            }
        }
    }
}
