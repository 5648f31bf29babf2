using System.Text.Json.Nodes;

namespace NangoOrleans.Testing.ApiServer.Tests.Support;

/// <summary>Objects that tests begin with.</summary>
internal static class Sample
{
    private const string DefinitionJson = """
        {
          "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
          "metadata": { "name": "nangointegrations.nango.nango.dev" },
          "spec": {
            "group": "nango.nango.dev", "scope": "Namespaced",
            "names": { "plural": "nangointegrations", "singular": "nangointegration", "kind": "NangoIntegration", "shortNames": ["ni"], "categories": ["nango"] },
            "versions": [{
              "name": "v1alpha1", "served": true, "storage": true, "subresources": { "status": {} },
              "selectableFields": [{ "jsonPath": ".spec.provider" }],
              "additionalPrinterColumns": [
                { "name": "KEY", "type": "string", "jsonPath": ".spec.unique_key" },
                { "name": "READY", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status" },
                { "name": "AGE", "type": "date", "jsonPath": ".metadata.creationTimestamp" },
                { "name": "GEN", "type": "integer", "priority": 1, "jsonPath": ".status.observedGeneration" }],
              "schema": { "openAPIV3Schema": {
                "type": "object", "required": ["spec"],
                "properties": {
                  "spec": {
                    "type": "object", "required": ["unique_key", "provider"], "not": { "required": ["environment_ref", "nango_token"] },
                    "properties": {
                      "unique_key": { "type": "string", "description": "The key in Nango.", "minLength": 1, "maxLength": 20, "pattern": "^[a-z-]+$",
                        "x-kubernetes-validations": [{ "rule": "self == oldSelf", "message": "unique_key is immutable" }] },
                      "provider": { "type": "string" },
                      "display_name": { "type": "string" },
                      "base_url": { "type": "string", "default": "https://api.nango.dev" },
                      "nango_token": { "x-kubernetes-preserve-unknown-fields": true },
                      "environment_ref": { "type": "object", "properties": { "name": { "type": "string" }, "kind": { "type": "string", "enum": ["A", "B"], "default": "A" } } },
                      "credentials": { "type": "object",
                        "properties": { "type": { "type": "string" }, "client_id": { "x-kubernetes-preserve-unknown-fields": true }, "app_id": { "x-kubernetes-preserve-unknown-fields": true } },
                        "anyOf": [ { "required": ["client_id"] }, { "required": ["app_id"] } ] },
                      "retries": { "type": "integer", "minimum": 1, "maximum": 10 },
                      "port": { "x-kubernetes-int-or-string": true },
                      "config": { "type": "object", "additionalProperties": { "type": "string" } },
                      "tags": { "type": "array", "items": { "type": "string" }, "x-kubernetes-list-type": "set" },
                      "steps": { "type": "array", "items": { "type": "string" } }
                    } },
                  "status": {
                    "type": "object", "default": { "observedGeneration": -1 },
                    "properties": {
                      "status": { "type": "string" }, "observedGeneration": { "type": "integer" }, "last_updated": { "type": "string", "format": "date-time" },
                      "conditions": { "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
                        "items": { "type": "object", "required": ["type", "status"], "properties": { "type": { "type": "string" }, "status": { "type": "string" }, "reason": { "type": "string" } } } }
                    } }
                } } }
            }]
          }
        }
        """;

    public static JsonObject Definition() => (JsonObject)JsonNode.Parse(DefinitionJson)!;

    /// <summary>A valid integration; <paramref name="spec"/> and <paramref name="metadata"/> are further fields in JSON.</summary>
    public static JsonObject Integration(string name, string spec = "{}", string metadata = "{}")
    {
        var item = (JsonObject)JsonNode.Parse("""{"apiVersion":"nango.nango.dev/v1alpha1","kind":"NangoIntegration","metadata":{},"spec":{"unique_key":"slack","provider":"slack"}}""")!;
        Merge((JsonObject)item["spec"]!, spec);
        Merge((JsonObject)item["metadata"]!, metadata);
        item["metadata"]!["name"] = name;
        return item;
    }

    public static JsonObject Applied(string name, string body)
    {
        var item = (JsonObject)JsonNode.Parse("""{"apiVersion":"nango.nango.dev/v1alpha1","kind":"NangoIntegration","metadata":{}}""")!;
        Merge(item, body);
        item["metadata"]!["name"] = name;
        return item;
    }

    private static void Merge(JsonObject target, string json)
    {
        foreach (var (name, value) in (JsonObject)JsonNode.Parse(json)!)
        {
            target[name] = value?.DeepClone();
        }
    }
}
