namespace NangoOrleans.FakeNango;

/// <summary>The query string as Nango's parser sees it: a repeated <c>a</c>, <c>a[]</c> and <c>a[0]</c> all mean an array.</summary>
internal sealed class Query
{
    private readonly List<KeyValuePair<string, string>> _values = [];

    public Query(string raw)
    {
        foreach (var pair in raw.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = Decode(equals < 0 ? pair : pair[..equals]);
            var bracket = name.IndexOf('[', StringComparison.Ordinal);
            _values.Add(new(bracket > 0 ? name[..bracket] : name, equals < 0 ? "" : Decode(pair[(equals + 1)..])));
        }
    }

    public IReadOnlyList<string> All(string name) => [.. _values.Where(pair => pair.Key == name).Select(pair => pair.Value)];

    /// <summary>An issue for every parameter that is not allowed.</summary>
    public IEnumerable<Issue> Unknown(params IReadOnlyList<string> allowed)
    {
        var unknown = _values.Select(pair => pair.Key).Distinct(StringComparer.Ordinal).Except(allowed).ToList();
        return unknown.Count == 0 ? [] : [Schemas.Unrecognized(unknown, [])];
    }

    private static string Decode(string text)
    {
        var plain = text.Replace('+', ' ');
        return PercentEncoding.Decode(plain) ?? plain;
    }
}
