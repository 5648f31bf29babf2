using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Resources;
using NangoOrleans.Testing.ApiServer.Storage;
using NangoOrleans.Testing.ApiServer.Tables;

namespace NangoOrleans.Testing.ApiServer.Watching;

/// <summary>Lines of a watch body.</summary>
internal sealed class WatchFrames(ResourceType type, Representation shown, TimeProvider clock)
{
    private bool _columnsSent;

    public byte[] Event(string eventType, StoredObject item)
    {
        var body = shown.Form switch
        {
            Form.PartialMetadata => JsonTree.Serialize(TableWriter.PartialMetadata(item.Content)),
            Form.Table => JsonTree.Serialize(Table([item.Content], item.Content.ResourceVersion()!)),
            _ => item.Json,
        };
        return Frame(eventType, body);
    }

    public byte[] Bookmark(long revision, bool endsInitialEvents)
    {
        var metadata = new JsonObject { ["resourceVersion"] = StoredObject.Format(revision) };
        if (endsInitialEvents)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        var (kind, version) = shown.Form == Form.PartialMetadata ? ("PartialObjectMetadata", "meta.k8s.io/v1") : (type.Kind, type.ApiVersion);
        var body = new JsonObject { ["kind"] = kind, ["apiVersion"] = version, ["metadata"] = metadata };
        return Frame("BOOKMARK", JsonTree.Serialize(shown.Form == Form.Table ? Table([body], StoredObject.Format(revision)) : body));
    }

    public static byte[] Error(ApiException problem) => Frame("ERROR", JsonTree.Serialize(problem.ToStatus()));

    private JsonObject Table(IEnumerable<JsonObject> items, string resourceVersion)
    {
        var table = TableWriter.Table(type, items, new JsonObject { ["resourceVersion"] = resourceVersion }, shown.RowObject, clock.GetUtcNow(), !_columnsSent);
        _columnsSent = true;
        return table;
    }

    private static byte[] Frame(string eventType, byte[] body) =>
        [.. Encoding.UTF8.GetBytes($"{{\"type\":\"{eventType}\",\"object\":"), .. body, .. "}\n"u8];
}
