using System.Security.Cryptography;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Patching;
using NangoOrleans.Testing.ApiServer.Resources;
using NangoOrleans.Testing.ApiServer.Storage;

namespace NangoOrleans.Testing.ApiServer.Writing;

/// <summary>Creates and updates objects. Callers hold the store's gate.</summary>
internal sealed class ObjectWriter(Cluster cluster, ObjectDeleter deleter)
{
    private const string NameAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Fields of metadata that only the server writes.</summary>
    private static readonly string[] SystemFields =
        ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName", "selfLink", "resourceVersion"];

    public StoredObject Create(ApiRequest request, JsonObject content, IReadOnlyList<string> duplicates, JsonArray? appliedFields = null)
    {
        var type = request.Type;
        Preparation.CheckIdentity(request, content);
        if (content.ResourceVersion() is { Length: > 0 })
        {
            throw new ApiException(500, null, "resourceVersion should not be set on objects to be created");
        }

        Preparation.Prune(request, content, duplicates);
        var metadata = StampNew(content);
        if (type.HasStatus)
        {
            content.Remove("status");
        }

        Preparation.ApplyDefaults(type, content);
        Preparation.Validate(request, content, before: null);
        CheckNamespace(request, content.Name()!);
        CheckNotTerminating(type);
        var key = type.Key(request.Namespace, content.Name()!);
        if (cluster.Store.Find(type, key) is not null)
        {
            throw ApiException.AlreadyExists(type, content.Name()!);
        }

        if (type.HasGeneration)
        {
            metadata["generation"] = 1;
        }

        SetFields(content, appliedFields ?? ManagedFields.Record(request, before: null, content, cluster.Now));
        if (type == BuiltInResources.Definitions)
        {
            CustomResourceDefinition.Complete(content, cluster.Now);
        }

        return Store(request, key, content);
    }

    public StoredObject Update(ApiRequest request, StoredObject existing, JsonObject content, IReadOnlyList<string> duplicates, JsonArray? appliedFields = null)
    {
        var type = request.Type;
        Preparation.CheckIdentity(request, content);
        CheckConcurrency(request, existing, content);
        Preparation.Prune(request, content, duplicates);
        var next = Merge(request, existing.Content, content);
        Preparation.ApplyDefaults(type, next);
        Preparation.Validate(request, next, existing.Content);
        if (type == BuiltInResources.Definitions)
        {
            CustomResourceDefinition.Complete(next, cluster.Now);
        }

        if (type.HasGeneration && !SameDesire(type, existing.Content, next))
        {
            next.Metadata()["generation"] = (existing.Content.Metadata()["generation"].Integer() ?? 0) + 1;
        }

        var fields = ManagedFields.IsReset(content) ? [] : appliedFields ?? ManagedFields.Record(request, existing.Content, next, cluster.Now);
        if (IsUnchanged(existing.Content, next, fields))
        {
            return existing;
        }

        SetFields(next, fields);
        return Store(request, existing.Key, next);
    }

    private StoredObject Store(ApiRequest request, string key, JsonObject content)
    {
        if (request.IsDryRun)
        {
            return new StoredObject(key, content, 0);
        }

        if (content.IsDeleting() && !content.HasFinalizers() && cluster.Store.Find(request.Type, key) is { } last && request.Type != BuiltInResources.Namespaces)
        {
            return deleter.Finish(request.Type, last, content);
        }

        var stored = cluster.Store.Put(request.Type, key, content);
        if (request.Type == BuiltInResources.Definitions)
        {
            cluster.Catalog.Replace(stored.Content);
        }
        else if (request.Type == BuiltInResources.Namespaces)
        {
            deleter.FinishNamespaceIfEmpty(stored.Name);
        }

        return cluster.Store.Find(request.Type, key) ?? stored;
    }

    private JsonObject StampNew(JsonObject content)
    {
        var metadata = content.Metadata();
        foreach (var name in SystemFields.Append("managedFields").Where(name => name != "generateName"))
        {
            metadata.Remove(name);
        }

        if (string.IsNullOrEmpty(content.Name()) && metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            metadata["name"] = prefix + RandomNumberGenerator.GetString(NameAlphabet, 5);
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = cluster.Now;
        return metadata;
    }

    private static void SetFields(JsonObject content, JsonArray fields)
    {
        content.Metadata().Remove("managedFields");
        if (fields.Count > 0)
        {
            content.Metadata()["managedFields"] = fields;
        }
    }

    private void CheckNamespace(ApiRequest request, string name)
    {
        if (!request.Type.Namespaced)
        {
            return;
        }

        var ns = request.Namespace!;
        var found = cluster.Store.Find(BuiltInResources.Namespaces, ns) ?? throw ApiException.NotFound(BuiltInResources.Namespaces, ns);
        if (found.Content.IsDeleting())
        {
            throw ApiException.Forbidden(
                request.Type, name, $"unable to create new content in namespace {ns} because it is being terminated", "NamespaceTerminating", $"namespace {ns} is being terminated");
        }
    }

    private static void CheckNotTerminating(ResourceType type)
    {
        if (type.Terminating)
        {
            throw new ApiException(405, "MethodNotAllowed", "create not allowed while custom resource definition is terminating", new JsonObject());
        }
    }

    private static void CheckConcurrency(ApiRequest request, StoredObject existing, JsonObject content)
    {
        var type = request.Type;
        if (content.ResourceVersion() is not { Length: > 0 } version)
        {
            if (request.Verb == "update" && !type.AllowsUnconditionalUpdate)
            {
                throw ApiException.Invalid(type.Group, type.Plural, existing.Name, [FieldError.Invalid("metadata.resourceVersion", "0", "must be specified for an update")]);
            }
        }
        else if (version != StoredObject.Format(existing.Revision))
        {
            throw ApiException.Conflict(type, existing.Name);
        }

        if (content["metadata"].Text("deletionTimestamp") is { } deletion && deletion != existing.Content["metadata"].Text("deletionTimestamp"))
        {
            throw ApiException.Invalid(type, existing.Name, [FieldError.Invalid("metadata.deletionTimestamp", $"\"{deletion}\"", "field is immutable")]);
        }

        if (content.Uid() is { Length: > 0 } uid && uid != existing.Content.Uid())
        {
            throw request.Verb == "update"
                ? ApiException.Conflict(type, existing.Name, $"Precondition failed: UID in precondition: {uid}, UID in object meta: {existing.Content.Uid()}")
                : ApiException.Invalid(type, existing.Name, [FieldError.Invalid("metadata.uid", $"\"{uid}\"", "field is immutable")]);
        }
    }

    /// <summary>The stored object with what this request may change taken from <paramref name="content"/>.</summary>
    private static JsonObject Merge(ApiRequest request, JsonObject existing, JsonObject content)
    {
        if (request.Subresource is not null && request.Type.HasStatus)
        {
            var part = request.ForStatus ? "status" : "spec";
            var result = existing.Clone();
            result[part] = content[part]?.DeepClone();
            if (result[part] is null)
            {
                result.Remove(part);
            }

            return result;
        }

        var next = content.Clone();
        foreach (var name in SystemFields)
        {
            next.Metadata()[name] = existing.Metadata()[name]?.DeepClone();
            if (next.Metadata()[name] is null)
            {
                next.Metadata().Remove(name);
            }
        }

        next.Metadata()["name"] = existing.Name();
        next.Metadata()["managedFields"] = existing.Metadata()["managedFields"]?.DeepClone();
        if (request.Type.HasStatus)
        {
            next.Remove("status");
            if (existing["status"] is { } status)
            {
                next["status"] = status.DeepClone();
            }
        }

        return next;
    }

    private static bool SameDesire(ResourceType type, JsonObject before, JsonObject after)
    {
        var skipped = type.HasStatus ? (string[])["metadata", "status"] : ["metadata"];
        return before.Concat(after).Select(p => p.Key).Distinct()
            .Where(name => !skipped.Contains(name))
            .All(name => JsonNode.DeepEquals(before[name], after[name]));
    }

    private static bool IsUnchanged(JsonObject before, JsonObject after, JsonArray fields)
    {
        var candidate = after.Clone();
        candidate.Metadata()["managedFields"] = before.Metadata()["managedFields"]?.DeepClone();
        return JsonNode.DeepEquals(before, candidate) && ManagedFields.SameApartFromTime(before.Metadata().Array("managedFields"), fields);
    }
}
