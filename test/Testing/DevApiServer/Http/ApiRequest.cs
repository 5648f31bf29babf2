using System.Globalization;
using NangoOrleans.Testing.ApiServer.Resources;

namespace NangoOrleans.Testing.ApiServer.Http;

/// <summary>A request for a resource, taken apart.</summary>
internal sealed record ApiRequest(ResourceType Type, string Verb, string? Namespace, string? Name, string? Subresource, HttpContext Http)
{
    public string Key => Type.Key(Namespace, Name ?? "");

    public bool IsDryRun => Query("dryRun") == "All";

    public bool ForStatus => Subresource == "status";

    /// <summary>The field manager: as asked for, else the first word of the user agent.</summary>
    public string Manager
    {
        get
        {
            if (Query("fieldManager") is { Length: > 0 } given)
            {
                return given;
            }

            var agent = Http.Request.Headers.UserAgent.ToString().Split('/', 2)[0];
            return agent.Length == 0 ? "unknown" : agent;
        }
    }

    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    public bool QueryFlag(string name) => Query(name) is "true" or "1" or "t" or "True";

    /// <exception cref="ApiException">The parameter is no number.</exception>
    public long? QueryNumber(string name)
    {
        if (Query(name) is not { Length: > 0 } text)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiException.BadRequest($"invalid {name}: strconv.ParseUint: parsing \"{text}\": invalid syntax");
    }
}
