using System.Globalization;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;

namespace NangoOrleans.Testing.ApiServer.Schemas;

/// <summary>Rules of arrays: size, elements, and uniqueness of sets and list maps.</summary>
internal static class ListRules
{
    public static void Check(JsonArray list, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.MinItems is { } least && list.Count < least)
        {
            errors.Add(SchemaValidator.InBody(path, list.Count.ToString(CultureInfo.InvariantCulture), $"should have at least {least} items"));
        }

        if (schema.MaxItems is { } most && list.Count > most)
        {
            errors.Add(TooMany(path, list.Count, most));
        }

        for (var i = 0; schema.Items is not null && i < list.Count; i++)
        {
            SchemaValidator.Check(list[i], schema.Items, $"{path}[{i}]", errors);
        }

        CheckUniqueness(list, schema, path, errors);
    }

    public static FieldError TooMany(string path, int count, long most) =>
        new("FieldValueTooMany", path, $"Too many: {count}: must have at most {most} item{(most == 1 ? "" : "s")}");

    /// <summary>The keys of a list map's element, in the order of the schema.</summary>
    public static JsonObject KeyOf(JsonNode? element, Schema schema)
    {
        var key = new JsonObject();
        foreach (var name in schema.ListMapKeys)
        {
            if ((element as JsonObject)?[name] is { } value)
            {
                key[name] = value.DeepClone();
            }
        }

        return key;
    }

    private static void CheckUniqueness(JsonArray list, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.ListType is not ("set" or "map"))
        {
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            var identity = SchemaValidator.Show(schema.ListType == "set" ? list[i] : KeyOf(list[i], schema));
            if (!seen.Add(identity))
            {
                errors.Add(new FieldError("FieldValueDuplicate", $"{path}[{i}]", "Duplicate value: " + identity));
            }
        }
    }
}
