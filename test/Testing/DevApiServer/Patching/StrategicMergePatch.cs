using System.Collections.Frozen;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Patching;

/// <summary>
/// Strategic merge for built-in kinds. Simplified: lists merge by a table of field names instead of each type's own tags,
/// and the order directives are dropped. Enough for what kubectl sends for the kinds that are stored here.
/// </summary>
internal static class StrategicMergePatch
{
    private static readonly FrozenDictionary<string, string> MergeKeys = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["containers"] = "name",
        ["initContainers"] = "name",
        ["volumes"] = "name",
        ["env"] = "name",
        ["imagePullSecrets"] = "name",
        ["secrets"] = "name",
        ["volumeMounts"] = "mountPath",
        ["conditions"] = "type",
        ["ownerReferences"] = "uid",
    }.ToFrozenDictionary();

    public static void Apply(JsonObject target, JsonObject patch)
    {
        if (patch.Text("$patch") == "replace")
        {
            target.Clear();
        }

        foreach (var (name, value) in patch)
        {
            if (name.StartsWith("$deleteFromPrimitiveList/", StringComparison.Ordinal))
            {
                RemoveAll(target, name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..], (value as JsonArray).Texts());
            }
            else if (!name.StartsWith('$'))
            {
                ApplyField(target, name, value);
            }
        }
    }

    private static void ApplyField(JsonObject target, string name, JsonNode? value)
    {
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject inner when inner.Text("$patch") == "delete":
                target.Remove(name);
                break;
            case JsonObject inner:
                if (target[name] is not JsonObject nested)
                {
                    nested = [];
                    target[name] = nested;
                }

                Apply(nested, inner);
                break;
            case JsonArray list when target[name] is JsonArray existing && name == "finalizers":
                foreach (var added in list.Texts().Except(existing.Texts()).ToArray())
                {
                    existing.Add(added);
                }

                break;
            case JsonArray list when MergeKeys.TryGetValue(name, out var key):
                target[name] = MergeByKey(target[name] as JsonArray ?? [], list, key);
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    private static JsonArray MergeByKey(JsonArray existing, JsonArray patch, string key)
    {
        var result = existing.OfType<JsonObject>().Select(element => element.Clone()).ToList();
        foreach (var element in patch.OfType<JsonObject>())
        {
            var directive = element.Text("$patch");
            if (directive == "replace")
            {
                result.Clear();
                continue;
            }

            var found = result.Find(candidate => JsonNode.DeepEquals(candidate[key], element[key]));
            if (directive == "delete")
            {
                result.Remove(found!);
            }
            else if (found is not null)
            {
                Apply(found, element);
            }
            else
            {
                var added = new JsonObject();
                Apply(added, element);
                result.Add(added);
            }
        }

        return [.. result];
    }

    private static void RemoveAll(JsonObject target, string name, IEnumerable<string> values)
    {
        if (target[name] is not JsonArray list)
        {
            return;
        }

        var unwanted = values.ToHashSet(StringComparer.Ordinal);
        target[name] = new JsonArray([.. list.Where(element => element.Text() is not { } text || !unwanted.Contains(text)).Select(element => element?.DeepClone())]);
    }
}
