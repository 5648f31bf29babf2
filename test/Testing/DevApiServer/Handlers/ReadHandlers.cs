using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Selecting;
using NangoOrleans.Testing.ApiServer.Storage;
using NangoOrleans.Testing.ApiServer.Tables;
using NangoOrleans.Testing.ApiServer.Writing;

namespace NangoOrleans.Testing.ApiServer.Handlers;

/// <summary>get and list.</summary>
internal sealed class ReadHandlers(Cluster cluster)
{
    public Task GetAsync(ApiRequest request)
    {
        var item = cluster.Store.Find(request.Type, request.Key) ?? throw ApiException.NotFound(request.Type, request.Name!);
        return Answer.WriteObjectAsync(request, 200, item, cluster.Clock.GetUtcNow());
    }

    public async Task ListAsync(ApiRequest request)
    {
        var shown = Representation.Of(request.Http.Request);
        await Answer.WriteAsync(request.Http, 200, Render(request, Read(request), shown));
    }

    /// <summary>One page: its items, the revision they were read at, and where the next page begins.</summary>
    internal sealed record Page(IReadOnlyList<StoredObject> Items, long Revision, string Continue, long? Remaining);

    internal Page Read(ApiRequest request)
    {
        var selection = Selection.Of(request);
        var limit = request.QueryNumber("limit") is { } asked and > 0 ? (int)Math.Min(asked, int.MaxValue) : int.MaxValue;
        var (items, revision, after) = Snapshot(request);
        var matching = items.Values.Where(item => after is null || string.CompareOrdinal(item.Key, after) > 0).Where(selection.Matches);
        if (limit == int.MaxValue)
        {
            return new Page([.. matching], revision, "", null);
        }

        var all = matching.ToList();
        return all.Count <= limit
            ? new Page(all, revision, "", null)
            : new Page(all.GetRange(0, limit), revision, Token(revision, all[limit - 1].Key), all.Count - limit);
    }

    private (ImmutableSortedDictionary<string, StoredObject> Items, long Revision, string? After) Snapshot(ApiRequest request)
    {
        var store = cluster.Store.Of(request.Type);
        if (request.Query("continue") is { Length: > 0 } token)
        {
            var (at, after) = ParseToken(token);
            var then = store.At(at) ?? throw ApiException.Expired("The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.");
            return (then, at, after);
        }

        var match = request.Query("resourceVersionMatch") ?? "";
        var revision = request.QueryNumber("resourceVersion");
        if (match.Length > 0 && revision is null)
        {
            throw ApiException.Invalid("meta.k8s.io", "ListOptions", "", [FieldError.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided")]);
        }

        lock (cluster.Store.Gate)
        {
            var current = cluster.Store.Revision;
            if (revision > current)
            {
                throw TooLarge(revision.Value, current);
            }

            return match == "Exact"
                ? (store.At(revision!.Value) ?? throw ApiException.Expired("The resourceVersion for the provided list is too old."), revision.Value, null)
                : (store.Items, current, null);
        }
    }

    private byte[] Render(ApiRequest request, Page page, Representation shown)
    {
        var metadata = new JsonObject { ["resourceVersion"] = StoredObject.Format(page.Revision) };
        if (page.Continue.Length > 0)
        {
            metadata["continue"] = page.Continue;
            metadata["remainingItemCount"] = page.Remaining;
        }

        if (shown.Form == Form.Table)
        {
            return JsonTree.Serialize(TableWriter.Table(request.Type, page.Items.Select(item => item.Content), metadata, shown.RowObject, cluster.Clock.GetUtcNow()));
        }

        var partial = shown.Form == Form.PartialMetadata;
        var (kind, version) = partial ? ("PartialObjectMetadataList", "meta.k8s.io/v1") : (request.Type.ListKind, request.Type.ApiVersion);
        var body = new ArrayBufferWriter<byte>(4096);
        body.Write(Encoding.UTF8.GetBytes($"{{\"kind\":{JsonSerializer.Serialize(kind)},\"apiVersion\":{JsonSerializer.Serialize(version)},\"metadata\":"));
        body.Write(JsonTree.Serialize(metadata));
        body.Write(",\"items\":["u8);
        for (var i = 0; i < page.Items.Count; i++)
        {
            body.Write(i == 0 ? [] : ","u8);
            body.Write(partial ? JsonTree.Serialize(TableWriter.PartialMetadata(page.Items[i].Content)) : page.Items[i].Json);
        }

        body.Write("]}\n"u8);
        return body.WrittenSpan.ToArray();
    }

    public static ApiException TooLarge(long asked, long current) => new(
        504, "Timeout", $"Timeout: Too large resource version: {asked}, current: {current}",
        new JsonObject
        {
            ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" }),
            ["retryAfterSeconds"] = 1,
        })
    { RetryAfterSeconds = 1 };

    private static string Token(long revision, string after) =>
        Convert.ToBase64String(JsonTree.Serialize(new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = revision, ["start"] = after }));

    private static (long Revision, string After) ParseToken(string token)
    {
        try
        {
            var content = JsonTree.Parse(Convert.FromBase64String(token));
            if (content is JsonObject fields && fields["rv"].Integer() is { } revision && fields.Text("start") is { } after)
            {
                return (revision, after);
            }
        }
        catch (Exception problem) when (problem is FormatException or JsonException)
        {
            // Answered below like a token of the wrong shape.
        }

        throw ApiException.BadRequest("invalid continue token: continue key is not valid");
    }
}
