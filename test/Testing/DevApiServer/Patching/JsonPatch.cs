using System.Globalization;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Patching;

/// <summary>RFC 6902.</summary>
internal static class JsonPatch
{
    /// <exception cref="ApiException">400 for a malformed patch, 422 for one that does not fit the object (a failed test, a missing path).</exception>
    public static JsonObject Apply(JsonObject target, JsonNode? patch)
    {
        if (patch is not JsonArray operations || operations.Any(operation => operation is not JsonObject))
        {
            throw ApiException.BadRequest("error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp");
        }

        JsonNode? document = target.Clone();
        foreach (var operation in operations.OfType<JsonObject>())
        {
            document = Apply(document, operation);
        }

        return document as JsonObject ?? throw Rejected();
    }

    private static JsonNode? Apply(JsonNode? document, JsonObject operation)
    {
        var path = Pointer(operation.Text("path"));
        switch (operation.Text("op"))
        {
            case "test":
                return JsonNode.DeepEquals(Find(document, path), operation["value"]) ? document : throw Rejected();
            case "remove":
                return Change(document, path, Removal);
            case "add":
                return Put(document, path, operation["value"]?.DeepClone(), insert: true);
            case "replace":
                Find(document, path);
                return Put(document, path, operation["value"]?.DeepClone(), insert: false);
            case "copy":
                return Put(document, path, Find(document, Pointer(operation.Text("from")))?.DeepClone(), insert: true);
            case "move":
                var from = Pointer(operation.Text("from"));
                var moved = Find(document, from)?.DeepClone();
                return Put(Change(document, from, Removal), path, moved, insert: true);
            default:
                throw ApiException.BadRequest($"invalid operation {operation.ToJsonString()}: unsupported operation");
        }
    }

    private static JsonNode? Put(JsonNode? document, string[] path, JsonNode? value, bool insert)
    {
        if (path.Length == 0)
        {
            return value;
        }

        return Change(document, path, (parent, name) =>
        {
            switch (parent)
            {
                case JsonObject item:
                    item[name] = value;
                    break;
                case JsonArray list when insert:
                    list.Insert(name == "-" ? list.Count : Index(name, list.Count), value);
                    break;
                case JsonArray list:
                    list[Index(name, list.Count - 1)] = value;
                    break;
                default:
                    throw Rejected();
            }
        });
    }

    private static void Removal(JsonNode? parent, string name)
    {
        switch (parent)
        {
            case JsonObject item when item.Remove(name):
                break;
            case JsonArray list:
                list.RemoveAt(Index(name, list.Count - 1));
                break;
            default:
                throw Rejected();
        }
    }

    private static JsonNode? Change(JsonNode? document, string[] path, Action<JsonNode?, string> change)
    {
        change(path.Length == 0 ? throw Rejected() : Find(document, path[..^1]), path[^1]);
        return document;
    }

    /// <summary>The value at a path. The last step may miss only on a null that is there.</summary>
    private static JsonNode? Find(JsonNode? node, string[] path)
    {
        foreach (var name in path)
        {
            node = node switch
            {
                JsonObject item when item.TryGetPropertyValue(name, out var child) => child,
                JsonArray list => list[Index(name, list.Count - 1)],
                _ => throw Rejected(),
            };
        }

        return node;
    }

    private static int Index(string name, int highest) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= highest ? index : throw Rejected();

    private static string[] Pointer(string? text) => text switch
    {
        null => throw Rejected(),
        "" => [],
        _ when text[0] == '/' => [.. text[1..].Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))],
        _ => throw Rejected(),
    };

    private static ApiException Rejected() =>
        new(422, "Invalid", "the server rejected our request due to an error in our request", new JsonObject());
}
