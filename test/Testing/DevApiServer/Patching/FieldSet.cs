using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Patching;

/// <summary>A set of field paths, as in <c>managedFields[].fieldsV1</c>: <c>f:name</c>, <c>k:{"type":"Ready"}</c>, <c>v:"a"</c>.</summary>
internal sealed class FieldSet
{
    private readonly SortedDictionary<string, FieldSet> _children = new(StringComparer.Ordinal);

    /// <summary>Whether the path that leads here is itself in the set.</summary>
    public bool IsMember { get; set; }

    public IReadOnlyDictionary<string, FieldSet> Children => _children;

    public bool IsEmpty => !IsMember && _children.Values.All(child => child.IsEmpty);

    public FieldSet Child(string element)
    {
        if (!_children.TryGetValue(element, out var child))
        {
            child = new FieldSet();
            _children[element] = child;
        }

        return child;
    }

    public FieldSet? Find(string element) => _children.GetValueOrDefault(element);

    public void Remove(string element) => _children.Remove(element);

    public FieldSet Union(FieldSet other) => Combine(this, other, (a, b) => a || b);

    public FieldSet Except(FieldSet other) => Combine(this, other, (a, b) => a && !b);

    public FieldSet Intersect(FieldSet other) => Combine(this, other, (a, b) => a && b);

    /// <summary>Every member as a path, written as in conflict messages: <c>.spec.tags[="a"]</c>.</summary>
    public IEnumerable<string> Paths(string prefix = "")
    {
        if (IsMember)
        {
            yield return prefix;
        }

        foreach (var path in _children.SelectMany(child => child.Value.Paths(prefix + Show(child.Key))))
        {
            yield return path;
        }
    }

    public static FieldSet Parse(JsonObject? fields)
    {
        var result = new FieldSet();
        foreach (var (element, value) in fields ?? [])
        {
            if (element == ".")
            {
                result.IsMember = true;
                continue;
            }

            var below = value as JsonObject;
            var child = Parse(below);
            child.IsMember |= below is null or { Count: 0 };
            result._children[element] = child;
        }

        return result;
    }

    public JsonObject ToJson()
    {
        var result = new JsonObject();
        if (IsMember && _children.Count > 0)
        {
            result["."] = new JsonObject();
        }

        foreach (var (element, child) in _children.Where(child => !child.Value.IsEmpty))
        {
            result[element] = child.ToJson();
        }

        return result;
    }

    private static FieldSet Combine(FieldSet left, FieldSet right, Func<bool, bool, bool> isMember)
    {
        var result = new FieldSet { IsMember = isMember(left.IsMember, right.IsMember) };
        var none = new FieldSet();
        foreach (var element in left._children.Keys.Concat(right._children.Keys).Distinct(StringComparer.Ordinal))
        {
            var child = Combine(left.Find(element) ?? none, right.Find(element) ?? none, isMember);
            if (!child.IsEmpty)
            {
                result._children[element] = child;
            }
        }

        return result;
    }

    private static string Show(string element)
    {
        if (element.StartsWith("k:", StringComparison.Ordinal))
        {
            var keys = JsonTree.ParseObject(element[2..]).Select(key => $"{key.Key}={key.Value?.ToJsonString()}");
            return $"[{string.Join(",", keys)}]";
        }

        return element.StartsWith("v:", StringComparison.Ordinal) ? $"[={element[2..]}]" : "." + element[2..];
    }
}
