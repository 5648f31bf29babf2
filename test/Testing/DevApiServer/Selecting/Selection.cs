using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Resources;
using NangoOrleans.Testing.ApiServer.Storage;
using NangoOrleans.Testing.ApiServer.Tables;

namespace NangoOrleans.Testing.ApiServer.Selecting;

/// <summary>Which objects of a resource a list, watch or deletecollection is about.</summary>
internal sealed class Selection
{
    private readonly string? _namespace;
    private readonly LabelSelector _labels;
    private readonly ImmutableArray<(ImmutableArray<string> Path, string Value, bool Equal)> _fields;

    private Selection(string? @namespace, LabelSelector labels, ImmutableArray<(ImmutableArray<string> Path, string Value, bool Equal)> fields) =>
        (_namespace, _labels, _fields) = (@namespace, labels, fields);

    /// <exception cref="ApiException">A selector cannot be read, or names a field that is not selectable.</exception>
    public static Selection Of(ApiRequest request) => new(
        request.Namespace,
        LabelSelector.Parse(request.Query("labelSelector")),
        [.. (request.Query("fieldSelector") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(term => ParseTerm(term, request.Type))]);

    public bool Matches(StoredObject item) =>
        (_namespace is null || item.Namespace == _namespace)
        && (_fields.IsEmpty || _fields.All(field => Read(item.Content, field.Path) == field.Value == field.Equal))
        && (_labels.IsEmpty || _labels.Matches(item.Content));

    private static (ImmutableArray<string> Path, string Value, bool Equal) ParseTerm(string term, ResourceType type)
    {
        var at = term.IndexOf('=', StringComparison.Ordinal);
        if (at < 1)
        {
            throw ApiException.BadRequest($"invalid selector: '{term}'; can't understand '{term}'");
        }

        var isNegated = term[at - 1] == '!';
        var label = term[..(isNegated ? at - 1 : at)];
        var value = term[(at + 1)..].TrimStart('=');
        var path = label switch
        {
            "metadata.name" or "metadata.namespace" => label.Split('.').ToImmutableArray(),
            _ => type.SelectableFields.TryGetValue(label, out var known) ? known : throw ApiException.BadRequest("field label not supported: " + label),
        };
        return (path, value, !isNegated);
    }

    private static string Read(JsonObject item, ImmutableArray<string> path)
    {
        JsonNode? node = item;
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node is null ? "" : JsonPathExpression.Show(node);
    }
}
