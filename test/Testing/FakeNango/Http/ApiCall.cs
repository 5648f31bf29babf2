namespace NangoOrleans.FakeNango;

/// <summary>An authenticated request on its way to a handler.</summary>
internal sealed record ApiCall(ApiRequest Request, ApiKey Key, NangoEnvironment Environment)
{
    public Query Query { get; } = new(Request.QueryString);

    public string PathKey => Request.Route.Key ?? "";

    public Answer? UnknownQuery(params IReadOnlyList<string> allowed)
    {
        var issues = Query.Unknown(allowed).ToList();
        return issues.Count > 0 ? Errors.InvalidQuery(issues) : null;
    }

    public Answer? BadPathKey(string name) =>
        Schemas.CheckPathKey(PathKey, name) is { } issue ? Errors.InvalidPathKey(issue) : null;
}
