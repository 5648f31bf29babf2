using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Resources;
using NangoOrleans.Testing.ApiServer.Storage;

namespace NangoOrleans.Testing.ApiServer.Writing;

/// <summary>Deletes objects, and what hangs on namespaces and definitions. Callers hold the store's gate.</summary>
internal sealed class ObjectDeleter(Cluster cluster)
{
    /// <summary>Deletes an object, or marks it when finalizers hold it.</summary>
    /// <returns>The object that remains, or null when it is gone.</returns>
    /// <exception cref="ApiException">A precondition does not hold.</exception>
    public StoredObject? Delete(ResourceType type, StoredObject item, JsonObject options, bool dryRun)
    {
        CheckPreconditions(type, item, options);
        var isHeld = item.Content.HasFinalizers() || type == BuiltInResources.Namespaces;
        if (dryRun)
        {
            return isHeld ? new StoredObject(item.Key, item.Content.IsDeleting() ? item.Content : Marked(type, item), item.Revision) : null;
        }

        if (!isHeld)
        {
            Finish(type, item);
            return null;
        }

        if (!item.Content.IsDeleting())
        {
            item = cluster.Store.Put(type, item.Key, Marked(type, item));
        }

        return type switch
        {
            _ when type == BuiltInResources.Namespaces => DeleteContents(item),
            _ when type == BuiltInResources.Definitions => DeleteInstances(item),
            _ => item,
        };
    }

    /// <summary>Removes an object for good, and finishes the namespace or definition that waited for it.</summary>
    public StoredObject Finish(ResourceType type, StoredObject item, JsonObject? lastState = null)
    {
        var removed = cluster.Store.Remove(type, item, lastState);
        if (type == BuiltInResources.Definitions)
        {
            cluster.Catalog.Remove(removed.Content);
            return removed;
        }

        if (type.Namespaced)
        {
            FinishNamespaceIfEmpty(item.Namespace);
        }

        if (type.IsCustom && cluster.Store.Find(BuiltInResources.Definitions, type.QualifiedPlural) is { } definition)
        {
            FinishDefinitionIfEmpty(definition);
        }

        return removed;
    }

    public void FinishNamespaceIfEmpty(string name)
    {
        if (cluster.Store.Find(BuiltInResources.Namespaces, name) is { } item && item.Content.IsDeleting() && !item.Content.HasFinalizers() && !ContentsOf(name).Any())
        {
            cluster.Store.Remove(BuiltInResources.Namespaces, item);
        }
    }

    private JsonObject Marked(ResourceType type, StoredObject item)
    {
        var content = item.Content.Clone();
        var metadata = content.Metadata();
        metadata["deletionTimestamp"] = cluster.Now;
        metadata["deletionGracePeriodSeconds"] = 0;
        if (metadata["generation"].Integer() is { } generation)
        {
            metadata["generation"] = generation + 1;
        }

        if (type == BuiltInResources.Namespaces)
        {
            metadata.Remove("deletionGracePeriodSeconds");
            content["status"] = new JsonObject { ["phase"] = "Terminating" };
        }
        else if (type == BuiltInResources.Definitions)
        {
            metadata.Remove("deletionGracePeriodSeconds");
            CustomResourceDefinition.Complete(content, cluster.Now);
        }

        return content;
    }

    private StoredObject? DeleteContents(StoredObject item)
    {
        foreach (var (type, content) in ContentsOf(item.Name).ToArray())
        {
            Delete(type, content, [], dryRun: false);
        }

        FinishNamespaceIfEmpty(item.Name);
        return item;
    }

    private StoredObject? DeleteInstances(StoredObject definition)
    {
        cluster.Catalog.Replace(definition.Content);
        var types = CustomResourceDefinition.ResourcesOf(definition.Content);
        foreach (var instance in types.Take(1).SelectMany(type => cluster.Store.Of(type).Items.Values).ToArray())
        {
            Delete(types[0], instance, [], dryRun: false);
        }

        FinishDefinitionIfEmpty(definition);
        return definition;
    }

    private void FinishDefinitionIfEmpty(StoredObject definition)
    {
        var type = CustomResourceDefinition.ResourcesOf(definition.Content).FirstOrDefault();
        if (!definition.Content.IsDeleting() || (type is not null && !cluster.Store.Of(type).Items.IsEmpty) || cluster.Store.Find(BuiltInResources.Definitions, definition.Key) is null)
        {
            return;
        }

        var last = definition.Content.Clone();
        last.Metadata().Remove("finalizers");
        Finish(BuiltInResources.Definitions, definition, last);
        if (type is not null)
        {
            cluster.Store.Drop(type);
        }
    }

    private IEnumerable<(ResourceType Type, StoredObject Item)> ContentsOf(string ns) =>
        cluster.Catalog.All.Where(type => type.Namespaced).DistinctBy(type => type.QualifiedPlural)
            .SelectMany(type => cluster.Store.Of(type).Items.Values.Where(item => item.Namespace == ns).Select(item => (type, item)));

    private static void CheckPreconditions(ResourceType type, StoredObject item, JsonObject options)
    {
        var preconditions = options.Object("preconditions");
        if (preconditions.Text("uid") is { } uid && uid != item.Content.Uid())
        {
            throw Conflict(type, item, $"the UID in the precondition ({uid}) does not match the UID in record ({item.Content.Uid()}). The object might have been deleted and then recreated");
        }

        if (preconditions.Text("resourceVersion") is { } version && version != StoredObject.Format(item.Revision))
        {
            throw Conflict(type, item, $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({item.Revision}). The object might have been modified");
        }
    }

    private static ApiException Conflict(ResourceType type, StoredObject item, string because)
    {
        var qualified = type.Group.Length == 0 ? type.Kind : $"{type.Kind}.{type.Group}";
        return new ApiException(409, "Conflict", $"Operation cannot be fulfilled on {qualified} \"{item.Name}\": {because}", ApiException.Details(type.Group, type.Kind, item.Name));
    }
}
