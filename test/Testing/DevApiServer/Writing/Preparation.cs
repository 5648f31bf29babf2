using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;
using NangoOrleans.Testing.ApiServer.Resources;
using NangoOrleans.Testing.ApiServer.Schemas;

namespace NangoOrleans.Testing.ApiServer.Writing;

/// <summary>Brings a received object into the form that is stored, or refuses it.</summary>
internal static class Preparation
{
    /// <exception cref="ApiException">Kind, version or namespace do not fit the path.</exception>
    public static void CheckIdentity(ApiRequest request, JsonObject content)
    {
        var type = request.Type;
        var name = content.Name() ?? request.Name ?? "";
        if (content.Text("apiVersion") is { } version && version != type.ApiVersion)
        {
            throw ApiException.BadRequest($"the API version in the data ({version}) does not match the expected API version ({type.ApiVersion})");
        }

        if (content.Text("kind") is { } kind && kind != type.Kind)
        {
            throw ApiException.Invalid(type.Group, kind, name, [FieldError.Invalid("kind", $"\"{kind}\"", "must be " + type.Kind)]);
        }

        if (content.Namespace() is { Length: > 0 } ns && ns != request.Namespace)
        {
            throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (request.Name is not null && content.Name() is { Length: > 0 } given && given != request.Name)
        {
            throw ApiException.BadRequest($"the name of the object ({given}) does not match the name on the URL ({request.Name})");
        }

        content["apiVersion"] = type.ApiVersion;
        content["kind"] = type.Kind;
        if (type.Namespaced)
        {
            content.Metadata()["namespace"] = request.Namespace;
        }
    }

    /// <summary>Removes unknown fields and, as the request asks by fieldValidation, refuses, warns or keeps silent about them.</summary>
    public static void Prune(ApiRequest request, JsonObject content, IReadOnlyList<string> duplicates)
    {
        var unknown = MetadataRules.Clean(content);
        unknown.AddRange(SchemaPruner.Prune(content, request.Type.Schema));
        unknown.Sort(StringComparer.Ordinal);
        var problems = duplicates.Select(path => $"duplicate field \"{path}\"").Concat(unknown.Select(path => $"unknown field \"{path}\"")).ToArray();
        switch (request.Query("fieldValidation") ?? "Warn")
        {
            case "Strict" when problems.Length > 0:
                var kind = request.Type.Kind;
                throw ApiException.BadRequest($"{kind} in version \"{request.Type.Version}\" cannot be handled as a {kind}: strict decoding error: {string.Join(", ", problems)}");
            case "Warn":
                foreach (var problem in problems)
                {
                    Warn(request, problem);
                }

                break;
        }

        foreach (var name in content.Metadata().Array("finalizers").Texts().Where(name => !name.Contains('/', StringComparison.Ordinal)))
        {
            Warn(request, $"metadata.finalizers: \"{name}\": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers");
        }
    }

    private static void Warn(ApiRequest request, string text) =>
        request.Http.Response.Headers.Append("Warning", $"299 - \"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");

    public static void ApplyDefaults(ResourceType type, JsonObject content)
    {
        SchemaDefaulter.Apply(content, type.Schema);
        if (type.IsCustom)
        {
            return;
        }

        if (type.Plural == "secrets")
        {
            CompleteSecret(content);
        }
        else if (type == BuiltInResources.Namespaces)
        {
            CompleteNamespace(content);
        }
    }

    /// <exception cref="ApiException">422 with every field error.</exception>
    public static void Validate(ApiRequest request, JsonObject content, JsonObject? before)
    {
        var type = request.Type;
        var errors = MetadataRules.Check(content, type).ToList();
        if (before is not null && MetadataRules.CheckFinalizers(before, content) is { } finalizers)
        {
            errors.Add(finalizers);
        }

        if (type == BuiltInResources.Definitions)
        {
            errors.AddRange(CustomResourceDefinition.Validate(content));
        }

        errors.AddRange(request.ForStatus ? SchemaValidator.ValidateStatus(content, type.Schema) : SchemaValidator.Validate(content, type.Schema));
        if (type.Schema.HasRules && errors.Exists(SchemaValidator.IsBlocking))
        {
            errors.Add(SchemaValidator.Incomplete);
        }
        else if (before is not null)
        {
            ImmutabilityRules.Check(content, before, type.Schema, "", errors);
        }

        if (errors.Count > 0)
        {
            throw ApiException.Invalid(type, content.Name() ?? "", errors);
        }
    }

    private static void CompleteSecret(JsonObject secret)
    {
        secret["type"] ??= "Opaque";
        if (secret.Object("stringData") is not { } texts)
        {
            return;
        }

        if (secret.Object("data") is not { } data)
        {
            data = [];
            secret["data"] = data;
        }

        foreach (var (name, value) in texts)
        {
            data[name] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.Text() ?? ""));
        }

        secret.Remove("stringData");
    }

    private static void CompleteNamespace(JsonObject item)
    {
        item["spec"] ??= new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
        item["status"] ??= new JsonObject { ["phase"] = "Active" };
        if (item.Metadata().Object("labels") is not { } labels)
        {
            labels = [];
            item.Metadata()["labels"] = labels;
        }

        labels["kubernetes.io/metadata.name"] = item.Name();
    }
}
