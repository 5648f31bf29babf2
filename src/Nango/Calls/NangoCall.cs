namespace NangoOrleans.Nango;

/// <summary>Refusals that are ordinary answers of a call, given back as "nothing" instead of a failure.</summary>
[Flags]
internal enum OrdinaryRefusals
{
    None = 0,

    /// <summary>404 <c>not_found</c>.</summary>
    NotFound = 1,

    /// <summary>400 "Unique key already exists".</summary>
    Duplicate = 2,

    /// <summary>403 <c>forbidden</c>.</summary>
    Forbidden = 4,
}

/// <summary>One of the calls this client makes.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Template">Route with placeholders.</param>
/// <param name="Scope">What a key needs to be allowed the call; null: any key of an environment.</param>
/// <param name="Ordinary">Refusals that are no failures.</param>
internal sealed record NangoCall(HttpMethod Method, string Template, string? Scope, OrdinaryRefusals Ordinary)
{
    private const string Integrations = "/integrations";
    private const string Integration = "/integrations/{uniqueKey}";

    public static readonly NangoCall List = new(HttpMethod.Get, Integrations, "environment:integrations:list", OrdinaryRefusals.None);
    public static readonly NangoCall Get = new(HttpMethod.Get, Integration, "environment:integrations:read", OrdinaryRefusals.NotFound);
    public static readonly NangoCall Create = new(HttpMethod.Post, Integrations, "environment:integrations:create", OrdinaryRefusals.Duplicate);
    public static readonly NangoCall Update = new(HttpMethod.Patch, Integration, "environment:integrations:update", OrdinaryRefusals.NotFound);
    public static readonly NangoCall Delete = new(HttpMethod.Delete, Integration, "environment:integrations:delete", OrdinaryRefusals.NotFound);
    public static readonly NangoCall Connections = new(HttpMethod.Get, "/connections", "environment:connections:list", OrdinaryRefusals.Forbidden);
    public static readonly NangoCall Provider = new(HttpMethod.Get, "/providers/{provider}", null, OrdinaryRefusals.NotFound);
    public static readonly NangoCall Providers = new(HttpMethod.Get, "/providers", null, OrdinaryRefusals.None);

    public bool IsWrite => Method != HttpMethod.Get;

    public bool Tolerates(OrdinaryRefusals refusal) => Ordinary.HasFlag(refusal);
}

/// <summary>A call with its particulars.</summary>
/// <param name="Call">Which call.</param>
/// <param name="PathAndQuery">Encoded, beginning with a slash; goes behind the base URL.</param>
/// <param name="MaxBytes">Longest answer.</param>
/// <param name="Body">JSON, or null.</param>
internal sealed record NangoRequest(NangoCall Call, string PathAndQuery, long MaxBytes, byte[]? Body = null)
{
    /// <summary>Told the Date header of the answer, if somebody wants to know.</summary>
    public Action<DateTimeOffset?>? Answered { get; init; }
}
