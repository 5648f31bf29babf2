using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Selecting;

/// <summary><c>a=b,c!=d,e in (f,g),h,!i,j&gt;1</c>.</summary>
internal sealed class LabelSelector
{
    private readonly ImmutableArray<Func<JsonObject?, bool>> _requirements;

    private LabelSelector(ImmutableArray<Func<JsonObject?, bool>> requirements) => _requirements = requirements;

    public bool IsEmpty => _requirements.IsEmpty;

    public bool Matches(JsonObject item) => _requirements.All(requirement => requirement(item["metadata"].Object("labels")));

    /// <exception cref="ApiException">The text is no selector.</exception>
    public static LabelSelector Parse(string? text) =>
        new([.. Split(text ?? "").Select(part => part.Trim()).Where(part => part.Length > 0).Select(ParseRequirement)]);

    private static Func<JsonObject?, bool> ParseRequirement(string text)
    {
        if (text.EndsWith(')') && text.IndexOf('(', StringComparison.Ordinal) is > 0 and var open)
        {
            var head = text[..open].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var values = text[(open + 1)..^1].Split(',').Select(value => value.Trim()).ToHashSet(StringComparer.Ordinal);
            return head switch
            {
                [var key, "in"] => labels => labels?[key].Text() is { } value && values.Contains(value),
                [var key, "notin"] => labels => labels?[key].Text() is not { } value || !values.Contains(value),
                _ => throw Unparsable(text),
            };
        }

        foreach (var (symbol, compare) in Operators)
        {
            var at = text.IndexOf(symbol, StringComparison.Ordinal);
            if (at > 0)
            {
                var (key, wanted) = (Word(text[..at]), Word(text[(at + symbol.Length)..]));
                return labels => compare(labels?[key].Text(), wanted);
            }
        }

        return text[0] == '!' ? Absent(Word(text[1..])) : Present(Word(text));
    }

    private static readonly (string Symbol, Func<string?, string, bool> Compare)[] Operators =
    [
        ("!=", (value, wanted) => value != wanted),
        ("==", (value, wanted) => value == wanted),
        ("=", (value, wanted) => value == wanted),
        (">", (value, wanted) => Number(value) > Number(wanted)),
        ("<", (value, wanted) => Number(value) < Number(wanted)),
    ];

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static Func<JsonObject?, bool> Absent(string key) => labels => labels?.ContainsKey(key) != true;

    private static Func<JsonObject?, bool> Present(string key) => labels => labels?.ContainsKey(key) == true;

    private static string Word(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length switch
        {
            0 => "",
            1 => words[0],
            _ => throw ApiException.BadRequest($"unable to parse requirement: found '{words[1]}', expected: in, notin, =, ==, !=, gt, lt"),
        };
    }

    private static ApiException Unparsable(string text) => ApiException.BadRequest($"unable to parse requirement: found '{text}'");

    private static IEnumerable<string> Split(string text)
    {
        var (start, depth) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (text[i] == ',' && depth == 0)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }
}
