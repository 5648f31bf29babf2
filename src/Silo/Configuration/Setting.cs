using System.Collections;
using System.Globalization;
using System.Reflection;

namespace NangoOrleans.Configuration;

/// <summary>One setting: a leaf of <see cref="OperatorOptions"/>.</summary>
/// <param name="Path">Full configuration path, for instance <c>NangoOrleans:Http:Port</c>.</param>
/// <param name="Properties">How to get from the root options to the value.</param>
internal sealed record Setting(string Path, IReadOnlyList<PropertyInfo> Properties)
{
    /// <summary>Section of the configuration that holds every setting.</summary>
    public const string Section = "NangoOrleans";

    /// <summary>Every setting, in the order of the options classes.</summary>
    public static IReadOnlyList<Setting> All { get; } = [.. Leaves(typeof(OperatorOptions), Section, [])];

    /// <summary>The same setting as an environment variable.</summary>
    public string EnvironmentName => ToEnvironmentName(Path);

    /// <summary>Type of the value.</summary>
    public Type Type => Properties[^1].PropertyType;

    /// <summary>How an environment variable spells a configuration path.</summary>
    /// <param name="path">Path with colons.</param>
    public static string ToEnvironmentName(string path) => path.Replace(":", "__", StringComparison.Ordinal);

    /// <summary>The names by which a user knows a setting.</summary>
    /// <param name="path">Path with colons.</param>
    public static string Describe(string path) => $"{path} (environment {ToEnvironmentName(path)})";

    /// <summary>Names the setting in a message.</summary>
    public override string ToString() => Describe(Path);

    /// <summary>The value as it stands in the documentation.</summary>
    /// <param name="options">Options to read from.</param>
    public string ReadText(OperatorOptions options) => Properties[^1].GetValue(Owner(options)) switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        IEnumerable items => string.Join(',', items.Cast<object>()),
        TimeSpan { TotalMinutes: < 60 } duration => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes}m"),
        TimeSpan duration => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours}h"),
        var other => Convert.ToString(other, CultureInfo.InvariantCulture) ?? "",
    };

    /// <summary>Sets the value.</summary>
    /// <param name="options">Options to change.</param>
    /// <param name="value">Value of type <see cref="Type"/>.</param>
    public void Write(OperatorOptions options, object value) => Properties[^1].SetValue(Owner(options), value);

    private object Owner(OperatorOptions options) =>
        Properties.SkipLast(1).Aggregate((object)options, (owner, property) => property.GetValue(owner)!);

    private static IEnumerable<Setting> Leaves(Type type, string path, PropertyInfo[] above) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(property =>
        {
            PropertyInfo[] chain = [.. above, property];
            var name = $"{path}:{property.Name}";
            return IsFeature(property.PropertyType) ? Leaves(property.PropertyType, name, chain) : [new Setting(name, chain)];
        });

    private static bool IsFeature(Type type) => type.IsClass && type != typeof(string);
}
