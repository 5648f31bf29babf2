using System.Text.Json;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Patching;
using NangoOrleans.Testing.ApiServer.Storage;
using NangoOrleans.Testing.ApiServer.Writing;

namespace NangoOrleans.Testing.ApiServer.Handlers;

/// <summary>create, update and patch.</summary>
internal sealed class WriteHandlers(Cluster cluster, ObjectWriter writer)
{
    private const string JsonPatchType = "application/json-patch+json";
    private const string MergePatchType = "application/merge-patch+json";
    private const string StrategicType = "application/strategic-merge-patch+json";
    private const string ApplyType = "application/apply-patch+yaml";

    public async Task CreateAsync(ApiRequest request)
    {
        var (content, duplicates) = await RequestBody.ReadObjectAsync(request);
        StoredObject item;
        lock (cluster.Store.Gate)
        {
            item = writer.Create(request, content, duplicates);
        }

        await AnswerAsync(request, 201, item);
    }

    public async Task UpdateAsync(ApiRequest request)
    {
        var (content, duplicates) = await RequestBody.ReadObjectAsync(request);
        StoredObject item;
        var code = 200;
        lock (cluster.Store.Gate)
        {
            var existing = cluster.Store.Find(request.Type, request.Key);
            if (existing is null && request.Type.AllowsCreateOnUpdate && request.Subresource is null)
            {
                item = writer.Create(request, content, duplicates);
                code = 201;
            }
            else
            {
                item = writer.Update(request, existing ?? throw ApiException.NotFound(request.Type, request.Name!), content, duplicates);
            }
        }

        await AnswerAsync(request, code, item);
    }

    public async Task PatchAsync(ApiRequest request)
    {
        var mediaType = RequestBody.MediaType(request.Http.Request);
        CheckOptions(request, mediaType);
        var duplicates = new List<string>();
        var patch = Parse(await RequestBody.ReadAsync(request.Http.Request), duplicates);
        var (code, item) = mediaType == ApplyType ? Apply(request, patch, duplicates) : Patch(request, mediaType, patch, duplicates);
        await AnswerAsync(request, code, item);
    }

    private (int Code, StoredObject Item) Patch(ApiRequest request, string mediaType, JsonNode? patch, List<string> duplicates)
    {
        lock (cluster.Store.Gate)
        {
            var existing = cluster.Store.Find(request.Type, request.Key) ?? throw ApiException.NotFound(request.Type, request.Name!);
            var content = Patched(existing.Content, mediaType, patch);
            if (content.ResourceVersion() == existing.Content.ResourceVersion())
            {
                content.Metadata().Remove("resourceVersion");
            }

            return (200, writer.Update(request, existing, content, mediaType == MergePatchType ? duplicates : []));
        }
    }

    private (int Code, StoredObject Item) Apply(ApiRequest request, JsonNode? patch, List<string> duplicates)
    {
        if (patch is not JsonObject configuration || configuration.Text("kind") is null)
        {
            throw ApiException.BadRequest("error decoding YAML: Object 'Kind' is missing");
        }

        if (configuration["metadata"].Array("managedFields") is { Count: > 0 })
        {
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        }

        Preparation.CheckIdentity(request, configuration);
        configuration.Metadata()["name"] = request.Name;
        lock (cluster.Store.Gate)
        {
            var existing = cluster.Store.Find(request.Type, request.Key);
            if (existing is not null)
            {
                CheckVersion(request, existing, configuration);
            }

            var (content, fields) = ServerSideApply.Apply(request, existing?.Content, configuration, cluster.Now);
            content.Metadata().Remove("resourceVersion");
            return existing is null
                ? (201, CreateApplied(request, configuration, content, duplicates, fields))
                : (200, writer.Update(request, existing, content, duplicates, fields));
        }
    }

    private StoredObject CreateApplied(ApiRequest request, JsonObject configuration, JsonObject content, List<string> duplicates, JsonArray fields)
    {
        if (request.Subresource is not null)
        {
            throw ApiException.NotFound(request.Type, request.Name!);
        }

        if (configuration.Uid() is { Length: > 0 } uid)
        {
            throw ApiException.Conflict(request.Type, request.Name!, $"uid mismatch: the provided object specified uid {uid}, and no existing object was found");
        }

        return writer.Create(request, content, duplicates, fields);
    }

    private static void CheckVersion(ApiRequest request, StoredObject existing, JsonObject configuration)
    {
        if (configuration.ResourceVersion() is { Length: > 0 } version && version != StoredObject.Format(existing.Revision))
        {
            throw ApiException.Conflict(request.Type, request.Name!);
        }
    }

    private static JsonObject Patched(JsonObject target, string mediaType, JsonNode? patch)
    {
        if (mediaType == JsonPatchType)
        {
            return JsonPatch.Apply(target, patch);
        }

        var changes = patch as JsonObject ?? throw ApiException.BadRequest("error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}");
        var result = target.Clone();
        if (mediaType == MergePatchType)
        {
            MergePatch.Apply(result, changes);
        }
        else
        {
            StrategicMergePatch.Apply(result, changes);
        }

        return result;
    }

    private static void CheckOptions(ApiRequest request, string mediaType)
    {
        string[] accepted = request.Type.IsCustom
            ? [JsonPatchType, MergePatchType, ApplyType]
            : [JsonPatchType, MergePatchType, StrategicType, ApplyType];
        if (!accepted.Contains(mediaType))
        {
            throw ApiException.UnsupportedMediaType(accepted);
        }

        if (mediaType == ApplyType && string.IsNullOrEmpty(request.Query("fieldManager")))
        {
            throw ApiException.Invalid("meta.k8s.io", "PatchOptions", "", [FieldError.Required("fieldManager", "is required for apply patch")]);
        }

        if (mediaType != ApplyType && request.Query("force") is not null)
        {
            throw ApiException.Invalid("meta.k8s.io", "PatchOptions", "", [FieldError.Forbidden("force", "may not be specified for non-apply patch")]);
        }
    }

    private static JsonNode? Parse(byte[] body, List<string> duplicates)
    {
        try
        {
            return YamlTree.Parse(body, duplicates);
        }
        catch (JsonException problem)
        {
            throw ApiException.BadRequest("error decoding patch: " + problem.Message);
        }
    }

    private Task AnswerAsync(ApiRequest request, int code, StoredObject item) =>
        Answer.WriteObjectAsync(request, code, item, cluster.Clock.GetUtcNow());
}
