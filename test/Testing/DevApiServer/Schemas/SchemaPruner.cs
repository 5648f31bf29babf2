using System.Text.Json.Nodes;

namespace NangoOrleans.Testing.ApiServer.Schemas;

/// <summary>Removes what the schema does not name, and says what that was.</summary>
internal static class SchemaPruner
{
    private static readonly HashSet<string> RootFields = ["apiVersion", "kind", "metadata"];

    public static List<string> Prune(JsonObject item, Schema schema)
    {
        var unknown = new List<string>();
        Prune(item, schema, "", isResource: true, unknown);
        return unknown;
    }

    private static void Prune(JsonNode? node, Schema? schema, string path, bool isResource, List<string> unknown)
    {
        if (schema is null)
        {
            return;
        }

        switch (node)
        {
            case JsonObject item:
                PruneObject(item, schema, path, isResource, unknown);
                break;
            case JsonArray list when schema.Items is not null:
                for (var i = 0; i < list.Count; i++)
                {
                    Prune(list[i], schema.Items, $"{path}[{i}]", schema.Items.EmbeddedResource, unknown);
                }

                break;
        }
    }

    private static void PruneObject(JsonObject item, Schema schema, string path, bool isResource, List<string> unknown)
    {
        foreach (var (name, value) in item.ToArray())
        {
            if (isResource && RootFields.Contains(name))
            {
                continue;
            }

            var child = path.Length == 0 ? name : $"{path}.{name}";
            if (schema.Property(name) is { } property)
            {
                Prune(value, property, child, property.EmbeddedResource, unknown);
            }
            else if (!schema.PreserveUnknownFields)
            {
                item.Remove(name);
                unknown.Add(child);
            }
        }
    }
}
