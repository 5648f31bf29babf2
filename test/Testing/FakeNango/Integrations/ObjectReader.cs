using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace NangoOrleans.FakeNango;

/// <summary>Reads one JSON object strictly and collects every violation, in field order, unknown keys last.</summary>
internal sealed class ObjectReader
{
    private readonly Dictionary<string, JsonElement> _members = new(StringComparer.Ordinal);
    private readonly List<string> _unread = [];
    private readonly List<Issue> _issues;
    private readonly ImmutableArray<string> _path;

    public ObjectReader(JsonElement value, List<Issue> issues, params ImmutableArray<string> path)
    {
        _issues = issues;
        _path = path;
        foreach (var member in value.EnumerateObject())
        {
            // The last of several equal names wins, as in JavaScript.
            _members[member.Name] = member.Value;
            if (!_unread.Contains(member.Name))
                _unread.Add(member.Name);
        }
    }

    /// <summary>The member, null when absent.</summary>
    public JsonElement? Take(string name)
    {
        _unread.Remove(name);
        return _members.TryGetValue(name, out var value) ? value : null;
    }

    /// <summary>A string of 1 to <paramref name="max"/> UTF-16 units (none without a maximum).</summary>
    public string? Text(string name, bool required, int max = int.MaxValue, Regex? pattern = null, bool mayBeEmpty = false)
    {
        var value = Take(name);
        if (value is null && !required)
            return null;
        if (value is not { ValueKind: JsonValueKind.String } text)
        {
            _issues.Add(Schemas.WrongType("string", value, PathOf(name)));
            return null;
        }
        var content = text.GetString()!;
        if (content.Length == 0 && !mayBeEmpty)
            _issues.Add(Schemas.TooShort(PathOf(name)));
        else if (content.Length > max)
            _issues.Add(Schemas.TooLong(max, PathOf(name)));
        if (pattern?.IsMatch(content) == false)
            _issues.Add(Schemas.WrongFormat(pattern, PathOf(name)));
        return content;
    }

    public bool? Flag(string name)
    {
        var value = Take(name);
        if (value is null)
            return null;
        if (value.Value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.Value.GetBoolean();
        _issues.Add(Schemas.WrongType("boolean", value, PathOf(name)));
        return null;
    }

    /// <summary>A map of string to string.</summary>
    public ImmutableArray<KeyValuePair<string, string>>? Map(string name, int maxValue = int.MaxValue)
    {
        var value = Take(name);
        if (value is null)
            return null;
        if (value.Value.ValueKind != JsonValueKind.Object)
        {
            _issues.Add(Schemas.WrongType("record", value, PathOf(name)));
            return null;
        }
        var reader = new ObjectReader(value.Value, _issues, PathOf(name));
        return [.. reader._members.Keys.Select(key => KeyValuePair.Create(key, reader.Text(key, required: true, maxValue, mayBeEmpty: true) ?? ""))];
    }

    public void RejectOthers()
    {
        if (_unread.Count > 0)
            _issues.Add(Schemas.Unrecognized(_unread, _path));
    }

    public ImmutableArray<string> PathOf(string name) => _path.Add(name);
}
