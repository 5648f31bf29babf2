using System.Text.Json.Nodes;

namespace NangoOrleans.Testing.ApiServer.Schemas;

/// <summary>Fills in defaults; a null in a non-nullable field gives way to its default, or goes.</summary>
internal static class SchemaDefaulter
{
    public static void Apply(JsonNode? node, Schema? schema)
    {
        switch (node)
        {
            case JsonObject item when schema is not null:
                ApplyToObject(item, schema);
                break;
            case JsonArray list when schema?.Items is not null:
                foreach (var element in list)
                {
                    Apply(element, schema.Items);
                }

                break;
        }
    }

    private static void ApplyToObject(JsonObject item, Schema schema)
    {
        foreach (var (name, property) in schema.Properties)
        {
            var isPresent = item.TryGetPropertyValue(name, out var present);
            var isUnwantedNull = isPresent && present is null && !property.Nullable;
            if (property.HasDefault && (!isPresent || isUnwantedNull))
            {
                item[name] = property.Default?.DeepClone();
            }
            else if (isUnwantedNull)
            {
                item.Remove(name);
            }

            Apply(item[name], property);
        }

        if (schema.AdditionalProperties is not { } additional)
        {
            return;
        }

        foreach (var (name, value) in item)
        {
            if (!schema.Properties.ContainsKey(name))
            {
                Apply(value, additional);
            }
        }
    }
}
