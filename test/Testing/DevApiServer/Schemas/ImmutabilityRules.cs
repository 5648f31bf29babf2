using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;

namespace NangoOrleans.Testing.ApiServer.Schemas;

/// <summary>Enforces the rule <c>self == oldSelf</c>. As in CEL, it runs only where both an old and a new value exist.</summary>
internal static class ImmutabilityRules
{
    public static void Check(JsonNode? now, JsonNode? before, Schema schema, string path, List<FieldError> errors)
    {
        if (now is null || before is null)
        {
            return;
        }

        if (!schema.ImmutabilityMessages.IsEmpty && !JsonNode.DeepEquals(now, before))
        {
            var shown = now is JsonValue ? SchemaValidator.Show(now) : now is JsonObject ? "\"object\"" : "\"array\"";
            errors.AddRange(schema.ImmutabilityMessages.Select(message => FieldError.Invalid(path, shown, message)));
        }

        if (now is JsonObject item && before is JsonObject old)
        {
            foreach (var (name, property) in schema.Properties)
            {
                Check(item[name], old[name], property, SchemaValidator.Join(path, name), errors);
            }
        }
    }
}
