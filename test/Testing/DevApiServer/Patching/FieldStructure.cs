using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Resources;
using NangoOrleans.Testing.ApiServer.Schemas;

namespace NangoOrleans.Testing.ApiServer.Patching;

/// <summary>How values break into separately owned fields: maps by field, list maps by key, sets by value, all else whole.</summary>
internal static class FieldStructure
{
    private static readonly Schema Metadata = Schema.Parse(JsonTree.ParseObject("""
        {"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{
          "finalizers":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
          "ownerReferences":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["uid"],"items":{"type":"object","x-kubernetes-map-type":"atomic"}}}}
        """));

    /// <summary>Fields nobody owns.</summary>
    private static readonly string[] IdentityFields =
        ["name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName"];

    public static Schema SchemaOf(ResourceType type) =>
        type.Schema with { Properties = type.Schema.Properties.SetItem("metadata", Metadata) };

    /// <summary>Removes what nobody owns from a set of a whole object.</summary>
    public static FieldSet WithoutIdentity(FieldSet fields)
    {
        fields.IsMember = false;
        fields.Remove("f:apiVersion");
        fields.Remove("f:kind");
        if (fields.Find("f:metadata") is { } metadata)
        {
            metadata.IsMember = false;
            foreach (var name in IdentityFields)
            {
                metadata.Remove("f:" + name);
            }
        }

        return fields;
    }

    /// <summary>The separately owned parts of a value, or null when it is owned as a whole.</summary>
    public static IReadOnlyList<(string Element, JsonNode? Value, Schema? Schema)>? Parts(JsonNode? node, Schema? schema) => node switch
    {
        JsonObject { Count: > 0 } item when schema?.MapType != "atomic" =>
            [.. item.Select(p => ("f:" + p.Key, p.Value, schema?.Property(p.Key)))],
        JsonArray { Count: > 0 } list when schema?.ListType == "map" =>
            [.. list.Select(element => ("k:" + SchemaValidator.Show(ListRules.KeyOf(element, schema)), element, schema.Items))],
        JsonArray { Count: > 0 } list when schema?.ListType == "set" =>
            [.. list.Select(element => ("v:" + SchemaValidator.Show(element), element, (Schema?)null))],
        _ => null,
    };

    /// <summary>The fields that somebody who wrote this value claims.</summary>
    public static FieldSet Claimed(JsonNode? node, Schema? schema, bool includingContainers)
    {
        var result = new FieldSet();
        if (Parts(node, schema) is not { } parts)
        {
            result.IsMember = true;
            return result;
        }

        result.IsMember = includingContainers;
        foreach (var (element, value, part) in parts)
        {
            var child = Claimed(value, part, includingContainers);
            child.IsMember |= element.StartsWith("k:", StringComparison.Ordinal);
            var target = result.Child(element).Union(child);
            result.Remove(element);
            Adopt(result.Child(element), target);
        }

        return result;
    }

    /// <summary>What differs between two states of a value.</summary>
    public static (FieldSet Written, FieldSet Removed) Compare(JsonNode? before, JsonNode? after, Schema? schema)
    {
        var (written, removed) = (new FieldSet(), new FieldSet());
        Compare(before, after, schema, written, removed);
        return (written, removed);
    }

    private static void Compare(JsonNode? before, JsonNode? after, Schema? schema, FieldSet written, FieldSet removed)
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return;
        }

        var old = Parts(before, schema);
        var now = Parts(after, schema);
        if (old is null || now is null || before.KindOf() != after.KindOf())
        {
            written.IsMember = true;
            Claim(written, now);
            Claim(removed, old);
            return;
        }

        var remaining = old.DistinctBy(part => part.Element).ToDictionary(part => part.Element, part => part.Value, StringComparer.Ordinal);
        foreach (var (element, value, part) in now)
        {
            if (remaining.Remove(element, out var previous))
            {
                Compare(previous, value, part, written.Child(element), removed.Child(element));
            }
            else
            {
                Adopt(written.Child(element), Claimed(value, part, includingContainers: true));
            }
        }

        Claim(removed, old.Where(part => remaining.ContainsKey(part.Element)));
    }

    private static void Claim(FieldSet target, IEnumerable<(string Element, JsonNode? Value, Schema? Schema)>? parts)
    {
        foreach (var (element, value, schema) in parts ?? [])
        {
            Adopt(target.Child(element), Claimed(value, schema, includingContainers: true));
        }
    }

    private static void Adopt(FieldSet target, FieldSet source)
    {
        target.IsMember = source.IsMember;
        foreach (var (element, child) in source.Children)
        {
            Adopt(target.Child(element), child);
        }
    }
}
