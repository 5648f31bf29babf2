using System.Text.Json;
using System.Text.RegularExpressions;

namespace NangoOrleans.FakeNango;

/// <summary>Patterns and messages of Nango's request schemas.</summary>
internal static partial class Schemas
{
    public const string RsaHeader = "-----BEGIN RSA PRIVATE KEY----";
    public const string RsaFooter = "-----END RSA PRIVATE KEY-----";

    public static Issue Unrecognized(IReadOnlyList<string> names, IReadOnlyList<string> path) => new("unrecognized_keys",
        $"Unrecognized key{(names.Count > 1 ? "s" : "")}: {string.Join(", ", names.Select(name => $"\"{name}\""))}", path);

    public static Issue WrongType(string expected, JsonElement? received, IReadOnlyList<string> path) =>
        new("invalid_type", $"Invalid input: expected {expected}, received {NameOf(received)}", path);

    public static Issue WrongFormat(Regex pattern, IReadOnlyList<string> path) =>
        new("invalid_format", $"Invalid string: must match pattern /{pattern.ToString().Replace(@"\z", "$", StringComparison.Ordinal)}/", path);

    public static Issue TooLong(int limit, IReadOnlyList<string> path) =>
        new("too_big", $"Too big: expected string to have <={limit} characters", path);

    public static Issue TooShort(IReadOnlyList<string> path) =>
        new("too_small", "Too small: expected string to have >=1 characters", path);

    /// <summary>Null when the key may stand in a path.</summary>
    public static Issue? CheckPathKey(string key, string name) =>
        key.Length is 0 ? TooShort([name])
        : key.Length > 255 ? TooLong(255, [name])
        : KeyPattern().IsMatch(key) ? null : WrongFormat(KeyPattern(), [name]);

    [GeneratedRegex(@"^[a-zA-Z0-9~:.@ _-]+\z")]
    public static partial Regex KeyPattern();

    [GeneratedRegex(@"^[a-zA-Z0-9_-]+\z")]
    public static partial Regex ProviderPattern();

    [GeneratedRegex(@"^[0-9a-zA-Z:/_.*-]+(,[0-9a-zA-Z:/_.*-]+)*\z", RegexOptions.ExplicitCapture)]
    public static partial Regex ScopesPattern();

    private static string NameOf(JsonElement? value) => value?.ValueKind switch
    {
        null => "undefined",
        JsonValueKind.Null => "null",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        _ => "boolean",
    };
}
