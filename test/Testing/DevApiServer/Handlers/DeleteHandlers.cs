using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Selecting;
using NangoOrleans.Testing.ApiServer.Storage;
using NangoOrleans.Testing.ApiServer.Writing;

namespace NangoOrleans.Testing.ApiServer.Handlers;

/// <summary>delete and deletecollection.</summary>
internal sealed class DeleteHandlers(Cluster cluster, ObjectDeleter deleter)
{
    public async Task DeleteAsync(ApiRequest request)
    {
        var options = await RequestBody.ReadOptionsAsync(request.Http.Request);
        StoredObject? remaining;
        StoredObject item;
        lock (cluster.Store.Gate)
        {
            item = cluster.Store.Find(request.Type, request.Key) ?? throw ApiException.NotFound(request.Type, request.Name!);
            remaining = deleter.Delete(request.Type, item, options, IsDryRun(request, options));
        }

        if (remaining is not null)
        {
            await Answer.WriteObjectAsync(request, 200, remaining, cluster.Clock.GetUtcNow());
            return;
        }

        var details = ApiException.Details(request.Type.Group, request.Type.Plural, item.Name);
        details["uid"] = item.Content.Uid();
        await Answer.WriteAsync(request.Http, 200, new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        });
    }

    public async Task DeleteCollectionAsync(ApiRequest request)
    {
        var options = await RequestBody.ReadOptionsAsync(request.Http.Request);
        var selection = Selection.Of(request);
        var deleted = new JsonArray();
        lock (cluster.Store.Gate)
        {
            foreach (var item in cluster.Store.Of(request.Type).Items.Values.Where(selection.Matches).ToArray())
            {
                var remaining = deleter.Delete(request.Type, item, options, IsDryRun(request, options));
                deleted.Add((remaining ?? item).Content.Clone());
            }
        }

        await Answer.WriteAsync(request.Http, 200, new JsonObject
        {
            ["kind"] = request.Type.ListKind,
            ["apiVersion"] = request.Type.ApiVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = StoredObject.Format(cluster.Store.Revision) },
            ["items"] = deleted,
        });
    }

    private static bool IsDryRun(ApiRequest request, JsonObject options) =>
        request.IsDryRun || options.Array("dryRun").Texts().Contains("All");
}
