using System.Text.Json;
using System.Text.Json.Serialization;
using NangoOrleans.Testing.ApiServer.Http;

namespace NangoOrleans.Testing.ApiServer.Faults;

/// <summary>Body of <c>PUT /_faults</c>: the rules that hold from now on, and things to do at once.</summary>
internal sealed record FaultRequest
{
    public IReadOnlyList<FaultRule> Rules { get; init; } = [];

    public bool CutWatches { get; init; }

    public bool Abruptly { get; init; }

    public bool CompactEventLog { get; init; }
}

/// <summary><c>/_faults</c> and <c>/_journal</c>: the server's own endpoints, which no Kubernetes API server has.</summary>
internal sealed class ControlEndpoints(FaultPlan faults, RequestJournal journal)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <returns>False when the path is not one of ours.</returns>
    public async Task<bool> TryServeAsync(HttpContext http)
    {
        switch (http.Request.Method, http.Request.Path.Value)
        {
            case ("GET", "/_faults"):
                await WriteAsync(http, new { faults.Rules, OpenWatches = faults.OpenWatchCount });
                return true;
            case ("PUT", "/_faults"):
                await PutAsync(http);
                return true;
            case ("DELETE", "/_faults"):
                faults.Clear();
                await WriteAsync(http, new { faults.Rules });
                return true;
            case ("GET", "/_journal"):
                await WriteAsync(http, new { Entries = journal.Query(name => http.Request.Query[name].FirstOrDefault()) });
                return true;
            case ("DELETE", "/_journal"):
                journal.Clear();
                await WriteAsync(http, new { Entries = Array.Empty<JournalEntry>() });
                return true;
            default:
                return false;
        }
    }

    private async Task PutAsync(HttpContext http)
    {
        FaultRequest wanted;
        try
        {
            wanted = await JsonSerializer.DeserializeAsync<FaultRequest>(http.Request.Body, Options, http.RequestAborted) ?? new FaultRequest();
        }
        catch (JsonException problem)
        {
            throw ApiException.BadRequest("faults: " + problem.Message);
        }

        faults.Clear();
        foreach (var rule in wanted.Rules)
        {
            faults.Add(rule);
        }

        if (wanted.CompactEventLog)
        {
            faults.CompactEventLog();
        }

        var cut = wanted.CutWatches ? faults.CutWatches(wanted.Abruptly) : 0;
        await WriteAsync(http, new { faults.Rules, CutWatches = cut });
    }

    private static Task WriteAsync<T>(HttpContext http, T body) =>
        Answer.WriteAsync(http, 200, JsonSerializer.SerializeToUtf8Bytes(body, Options));
}
