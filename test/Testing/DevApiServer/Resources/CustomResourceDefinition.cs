using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Schemas;
using NangoOrleans.Testing.ApiServer.Tables;

namespace NangoOrleans.Testing.ApiServer.Resources;

/// <summary>Reads a stored CustomResourceDefinition. Only the checks that a typing error would trip over are made.</summary>
internal static class CustomResourceDefinition
{
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    private static readonly TableColumn Age = TableColumn.Of("Age", ".metadata.creationTimestamp", "date");

    public static (string Group, string Plural) NameOf(JsonObject definition) =>
        (definition["spec"].Text("group") ?? "", definition["spec"].Object("names").Text("plural") ?? "");

    public static ImmutableArray<ResourceType> ResourcesOf(JsonObject definition) =>
        [.. Versions(definition).Where(version => version["served"].Boolean() == true).Select(version => ToResource(definition, version))];

    public static List<FieldError> Validate(JsonObject definition)
    {
        var errors = new List<FieldError>();
        var spec = definition.Object("spec") ?? [];
        var names = spec.Object("names") ?? [];
        var (group, plural) = NameOf(definition);
        if (definition.Name() != $"{plural}.{group}")
        {
            errors.Add(FieldError.Invalid("metadata.name", $"\"{definition.Name()}\"", "must be spec.names.plural+\".\"+spec.group"));
        }

        RequireText(spec, "group", "spec.group", errors);
        RequireText(names, "plural", "spec.names.plural", errors);
        RequireText(names, "kind", "spec.names.kind", errors);
        if (spec.Text("scope") is not ("Namespaced" or "Cluster"))
        {
            errors.Add(new FieldError("FieldValueNotSupported", "spec.scope", $"Unsupported value: \"{spec.Text("scope")}\": supported values: \"Cluster\", \"Namespaced\""));
        }

        if (Versions(definition).Count(version => version["storage"].Boolean() == true) != 1)
        {
            errors.Add(FieldError.Invalid("spec.versions", "[]", "must have exactly one version marked as storage version"));
        }

        CheckSchemas(definition, errors);
        return errors;
    }

    /// <summary>Adds what kube-apiserver would: default names, and the conditions its controllers set.</summary>
    public static void Complete(JsonObject definition, string now)
    {
        var names = definition["spec"].Object("names")!;
        names["singular"] ??= names.Text("kind")!.ToLowerInvariant();
        names["listKind"] ??= names.Text("kind") + "List";
        definition["spec"]!["conversion"] ??= new JsonObject { ["strategy"] = "None" };
        var since = definition["status"].Array("conditions")?.OfType<JsonObject>().FirstOrDefault()?.Text("lastTransitionTime") ?? now;
        var conditions = new JsonArray(
            Condition("NamesAccepted", "True", "NoConflicts", "no conflicts found", since),
            Condition("Established", "True", "InitialNamesAccepted", "the initial names have been accepted", since));
        if (definition.IsDeleting())
        {
            conditions.Add(Condition("Terminating", "True", "InstanceDeletionInProgress", "CustomResource deletion is in progress", now));
        }

        definition["status"] = new JsonObject
        {
            ["acceptedNames"] = names.DeepClone(),
            ["conditions"] = conditions,
            ["storedVersions"] = new JsonArray([.. Versions(definition).Where(v => v["storage"].Boolean() == true).Select(v => (JsonNode?)v.Text("name"))]),
        };
        if (!definition.IsDeleting())
        {
            AddFinalizer(definition);
        }
    }

    private static void AddFinalizer(JsonObject definition)
    {
        if (definition.Metadata().Array("finalizers") is not { } finalizers)
        {
            finalizers = [];
            definition.Metadata()["finalizers"] = finalizers;
        }

        if (!finalizers.Texts().Contains(CleanupFinalizer))
        {
            finalizers.Add(CleanupFinalizer);
        }
    }

    private static ResourceType ToResource(JsonObject definition, JsonObject version)
    {
        var spec = definition["spec"];
        var names = spec.Object("names");
        var published = version.Object("schema").Object("openAPIV3Schema");
        var columns = version.Array("additionalPrinterColumns");
        return new ResourceType(spec.Text("group")!, version.Text("name")!, names.Text("kind")!, names.Text("plural")!, spec.Text("scope") == "Namespaced")
        {
            ListKind = names.Text("listKind")!,
            Singular = names.Text("singular")!,
            ShortNames = [.. names.Array("shortNames").Texts()],
            Categories = [.. names.Array("categories").Texts()],
            HasStatus = version.Object("subresources").Object("status") is not null,
            HasGeneration = true,
            IsCustom = true,
            Terminating = definition.IsDeleting(),
            Schema = published is null ? Schema.Anything : Schema.Parse(published),
            PublishedSchema = published,
            Columns = columns is { Count: > 0 } ? [.. columns.OfType<JsonObject>().Select(TableColumn.FromDefinition)] : [Age],
            SelectableFields = (version.Array("selectableFields") ?? []).Select(field => field.Text("jsonPath")!.TrimStart('.'))
                .ToImmutableDictionary(label => label, label => label.Split('.').ToImmutableArray()),
        };
    }

    private static void CheckSchemas(JsonObject definition, List<FieldError> errors)
    {
        var index = 0;
        foreach (var version in Versions(definition))
        {
            var path = $"spec.versions[{index++}].schema.openAPIV3Schema";
            if (version.Object("schema").Object("openAPIV3Schema") is not { } schema)
            {
                errors.Add(FieldError.Required(path, "schemas are required"));
                continue;
            }

            if (schema.Text("type") != "object")
            {
                errors.Add(FieldError.Invalid(path + ".type", $"\"{schema.Text("type")}\"", "must be object at the root"));
            }

            try
            {
                Schema.Parse(schema);
            }
            catch (ArgumentException problem)
            {
                errors.Add(FieldError.Invalid(path, "\"\"", "must be a valid regular expression, but isn't: " + problem.Message));
            }
        }
    }

    private static void RequireText(JsonObject owner, string name, string path, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(owner.Text(name)))
        {
            errors.Add(FieldError.Required(path));
        }
    }

    private static IEnumerable<JsonObject> Versions(JsonObject definition) => (definition["spec"].Array("versions") ?? []).OfType<JsonObject>();

    private static JsonObject Condition(string type, string status, string reason, string message, string since) => new()
    {
        ["lastTransitionTime"] = since,
        ["message"] = message,
        ["reason"] = reason,
        ["status"] = status,
        ["type"] = type,
    };
}
