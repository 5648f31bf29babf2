using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Tables;

/// <summary>The part of JSONPath that printer columns use: fields, indices, <c>[*]</c> and <c>[?(@.a=="b")]</c>.</summary>
internal sealed class JsonPathExpression
{
    private readonly ImmutableArray<Func<JsonNode, IEnumerable<JsonNode>>> _steps;

    private JsonPathExpression(ImmutableArray<Func<JsonNode, IEnumerable<JsonNode>>> steps) => _steps = steps;

    public static JsonPathExpression Parse(string text)
    {
        var steps = ImmutableArray.CreateBuilder<Func<JsonNode, IEnumerable<JsonNode>>>();
        var at = 0;
        while (at < text.Length)
        {
            steps.Add(text[at] == '[' ? Bracket(text, ref at) : Field(ReadName(text, ref at)));
        }

        return new JsonPathExpression(steps.ToImmutable());
    }

    public IEnumerable<JsonNode> Find(JsonNode root) =>
        _steps.Aggregate(Enumerable.Repeat(root, 1), (nodes, step) => nodes.SelectMany(step));

    private static string ReadName(string text, ref int at)
    {
        var name = new StringBuilder();
        at += text[at] == '.' ? 1 : 0;
        while (at < text.Length && text[at] is not ('.' or '['))
        {
            at += text[at] == '\\' && at + 1 < text.Length ? 1 : 0;
            name.Append(text[at++]);
        }

        return name.ToString();
    }

    private static Func<JsonNode, IEnumerable<JsonNode>> Bracket(string text, ref int at)
    {
        var end = text.IndexOf(']', at);
        var inner = end < 0 ? text[(at + 1)..] : text[(at + 1)..end];
        at = end < 0 ? text.Length : end + 1;
        if (inner.StartsWith("?(@", StringComparison.Ordinal) && inner.Split("==", 2) is [var path, var literal])
        {
            var left = Parse(path[3..].Trim());
            var wanted = literal.TrimEnd(')', ' ').Trim(' ', '"', '\'');
            return node => Elements(node).Where(element => left.Find(element).Any(found => Show(found) == wanted));
        }

        if (inner == "*")
        {
            return Elements;
        }

        return int.TryParse(inner, NumberStyles.Integer, CultureInfo.InvariantCulture, out var index)
            ? node => node is JsonArray array && index < array.Count && array[index] is { } element ? [element] : []
            : Field(inner.Trim('\'', '"'));
    }

    private static Func<JsonNode, IEnumerable<JsonNode>> Field(string name) =>
        name.Length == 0 ? node => [node] : node => (node as JsonObject)?[name] is { } child ? [child] : [];

    private static IEnumerable<JsonNode> Elements(JsonNode node) => node switch
    {
        JsonArray array => array.OfType<JsonNode>(),
        JsonObject item => item.Select(p => p.Value).OfType<JsonNode>(),
        _ => [],
    };

    public static string Show(JsonNode node) => node.Text() ?? Encoding.UTF8.GetString(JsonTree.Serialize(node));
}
