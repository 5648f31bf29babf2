using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Schemas;

namespace NangoOrleans.Testing.ApiServer.Patching;

/// <summary>
/// Server-side apply: merges a configuration into the live object, takes away what its manager applied before and now leaves out,
/// and refuses to change other managers' fields unless forced.
/// Simplified: one version per resource, and the order of list map elements is that of the live object.
/// </summary>
internal static class ServerSideApply
{
    /// <returns>The object to store and its managedFields.</returns>
    /// <exception cref="ApiException">409 naming the managers in the way.</exception>
    public static (JsonObject Content, JsonArray Fields) Apply(ApiRequest request, JsonObject? live, JsonObject configuration, string now)
    {
        var schema = FieldStructure.SchemaOf(request.Type);
        var intent = Intent(request, configuration);
        if (TypingProblem(intent, schema, "") is { } problem)
        {
            throw new ApiException(
                500, null, $"failed to create typed patch object (/{request.Name}; {request.Type.ApiVersion}, Kind={request.Type.Kind}): {problem}");
        }

        var applied = FieldStructure.WithoutIdentity(FieldStructure.Claimed(intent, schema, includingContainers: false));
        var owner = new FieldOwner(request.Manager, "Apply", request.Type.ApiVersion, request.Subresource ?? "", now, applied);
        var owners = ManagedFields.Of(live);
        var previous = owners.Find(owner.IsSameAs);
        var others = owners.Where(other => !other.IsSameAs(owner)).ToList();

        var content = live?.Clone() ?? [];
        content["apiVersion"] ??= request.Type.ApiVersion;
        content["kind"] ??= request.Type.Kind;
        Merge(content, intent, schema);
        var (written, removed) = FieldStructure.Compare(live ?? [], content, schema);
        if (!request.QueryFlag("force"))
        {
            CheckConflicts(others, written);
        }

        others = others.ConvertAll(other => other with { Fields = other.Fields.Except(written).Except(removed) });
        if (previous is not null)
        {
            var kept = others.Aggregate(new FieldSet(), (sum, other) => sum.Union(other.Fields));
            Release(content, previous.Fields.Except(applied), kept, schema);
            if (JsonNode.DeepEquals(content, live) && previous.Fields.Except(applied).IsEmpty && applied.Except(previous.Fields).IsEmpty)
            {
                owner = owner with { Time = previous.Time };
            }
        }

        return (content, ManagedFields.ToJson(others.Append(owner)));
    }

    /// <summary>The part of a configuration that this request may apply.</summary>
    private static JsonObject Intent(ApiRequest request, JsonObject configuration)
    {
        var intent = configuration.Clone();
        if (!request.Type.HasStatus)
        {
            return intent;
        }

        if (!request.ForStatus)
        {
            intent.Remove("status");
            return intent;
        }

        foreach (var name in intent.Select(p => p.Key).Where(name => name is not ("apiVersion" or "kind" or "metadata" or "status")).ToArray())
        {
            intent.Remove(name);
        }

        var metadata = intent.Metadata();
        metadata.Remove("labels");
        metadata.Remove("annotations");
        metadata.Remove("finalizers");
        metadata.Remove("ownerReferences");
        return intent;
    }

    private static void CheckConflicts(List<FieldOwner> others, FieldSet written)
    {
        var conflicts = others.SelectMany(other => other.Fields.Intersect(written).Paths().Select(path => (other, path))).ToArray();
        if (conflicts.Length == 0)
        {
            return;
        }

        var causes = new JsonArray([.. conflicts.Select(c => (JsonNode)new JsonObject
        {
            ["reason"] = "FieldManagerConflict",
            ["message"] = "conflict with " + Describe(c.other),
            ["field"] = c.path,
        })]);
        var groups = conflicts.GroupBy(c => Describe(c.other)).Select(group => group.Count() == 1
            ? $"conflict with {group.Key}: {group.First().path}"
            : $"conflicts with {group.Key}:\n{string.Join("\n", group.Select(c => "- " + c.path))}").ToArray();
        var count = conflicts.Length == 1 ? "1 conflict" : $"{conflicts.Length} conflicts";
        throw new ApiException(409, "Conflict", $"Apply failed with {count}: {string.Join("\n", groups)}", new JsonObject { ["causes"] = causes });
    }

    private static string Describe(FieldOwner owner)
    {
        var subresource = owner.Subresource.Length > 0 ? $" with subresource \"{owner.Subresource}\"" : "";
        return owner.Operation == "Apply" ? $"\"{owner.Manager}\"{subresource}" : $"\"{owner.Manager}\"{subresource} using {owner.ApiVersion}";
    }

    private static string? TypingProblem(JsonNode? node, Schema? schema, string path)
    {
        if (node is JsonObject item && schema is { PreserveUnknownFields: false } && (!schema.Properties.IsEmpty || schema.AdditionalProperties is not null))
        {
            var known = path.Length == 0 ? (string[])["apiVersion", "kind"] : [];
            var undeclared = item.FirstOrDefault(p => schema.Property(p.Key) is null && !known.Contains(p.Key));
            return undeclared.Key is { } name
                ? $"{path}.{name}: field not declared in schema"
                : item.Select(p => TypingProblem(p.Value, schema.Property(p.Key), $"{path}.{p.Key}")).FirstOrDefault(problem => problem is not null);
        }

        if (node is not JsonArray list || schema?.ListType != "map")
        {
            return null;
        }

        var repeated = list.Select(element => ListRules.KeyOf(element, schema)).GroupBy(SchemaValidator.Show).FirstOrDefault(group => group.Count() > 1);
        return repeated is null
            ? null
            : $"{path}: duplicate entries for key [{string.Join(",", repeated.First().Select(part => $"{part.Key}={SchemaValidator.Show(part.Value)}"))}]";
    }

    private static void Merge(JsonObject target, JsonObject source, Schema? schema)
    {
        foreach (var (name, value) in source)
        {
            var property = schema?.Property(name);
            switch (target[name], value)
            {
                case (JsonObject old, JsonObject now) when property?.MapType != "atomic":
                    Merge(old, now, property);
                    break;
                case (JsonArray old, JsonArray now) when property?.ListType is "map" or "set":
                    MergeList(old, now, property);
                    break;
                default:
                    target[name] = value?.DeepClone();
                    break;
            }
        }
    }

    private static void MergeList(JsonArray target, JsonArray source, Schema schema)
    {
        foreach (var (element, value, part) in FieldStructure.Parts(source, schema) ?? [])
        {
            var index = IndexOf(target, element, schema);
            if (index < 0)
            {
                target.Add(value?.DeepClone());
            }
            else if (target[index] is JsonObject old && value is JsonObject now && part?.MapType != "atomic")
            {
                Merge(old, now, part);
            }
            else
            {
                target[index] = value?.DeepClone();
            }
        }
    }

    /// <summary>Removes released fields that nobody else owns; a map or list emptied that way goes too.</summary>
    private static void Release(JsonNode? node, FieldSet released, FieldSet kept, Schema? schema)
    {
        foreach (var (element, part) in released.Children.ToArray())
        {
            var others = kept.Find(element) ?? new FieldSet();
            var index = node is JsonArray list ? IndexOf(list, element, schema) : -1;
            var (child, childSchema) = node switch
            {
                JsonObject item => (item[element[2..]], schema?.Property(element[2..])),
                JsonArray array when index >= 0 => (array[index], schema?.Items),
                _ => (null, null),
            };
            Release(child, part, others, childSchema);
            if ((part.IsMember || child is JsonObject { Count: 0 } or JsonArray { Count: 0 }) && others.IsEmpty)
            {
                Remove(node, element, index);
            }
        }
    }

    private static void Remove(JsonNode? node, string element, int index)
    {
        if (node is JsonObject item)
        {
            item.Remove(element[2..]);
        }
        else if (node is JsonArray list && index >= 0)
        {
            list.RemoveAt(index);
        }
    }

    private static int IndexOf(JsonArray list, string element, Schema? schema)
    {
        var parts = FieldStructure.Parts(list, schema) ?? [];
        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Element == element)
            {
                return i;
            }
        }

        return -1;
    }
}
