using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;

namespace NangoOrleans.Testing.ApiServer.Schemas;

/// <summary>anyOf, oneOf, allOf and not. As in kube-apiserver, the errors of the branch that came closest are shown too.</summary>
internal static class Combinations
{
    public static void Check(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        CheckAny(node, schema, path, errors);
        CheckOne(node, schema, path, errors);
        CheckAll(node, schema, path, errors);
        if (schema.Not is { } not && Try(node, not, path).Count == 0)
        {
            errors.Add(Failure(path, "must not validate the schema (not)"));
        }
    }

    private static void CheckAny(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.AnyOf.IsEmpty)
        {
            return;
        }

        var outcomes = schema.AnyOf.Select(branch => Try(node, branch, path)).ToArray();
        if (outcomes.All(outcome => outcome.Count > 0))
        {
            errors.Add(Failure(path, "must validate at least one schema (anyOf)"));
            errors.AddRange(Closest(outcomes));
        }
    }

    private static void CheckOne(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.OneOf.IsEmpty)
        {
            return;
        }

        var outcomes = schema.OneOf.Select(branch => Try(node, branch, path)).ToArray();
        switch (outcomes.Count(outcome => outcome.Count == 0))
        {
            case 0:
                errors.Add(Failure(path, "must validate one and only one schema (oneOf). Found none valid"));
                errors.AddRange(Closest(outcomes));
                break;
            case > 1 and var valid:
                errors.Add(Failure(path, $"must validate one and only one schema (oneOf). Found {valid} valid alternatives"));
                break;
        }
    }

    private static void CheckAll(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        var outcomes = schema.AllOf.Select(branch => Try(node, branch, path)).ToArray();
        var failed = outcomes.Count(outcome => outcome.Count > 0);
        if (failed == 0)
        {
            return;
        }

        errors.AddRange(outcomes.SelectMany(outcome => outcome));
        errors.Add(Failure(path, "must validate all the schemas (allOf)" + (failed == outcomes.Length ? ". None validated" : "")));
    }

    private static List<FieldError> Try(JsonNode? node, Schema branch, string path)
    {
        var errors = new List<FieldError>();
        SchemaValidator.Check(node, branch, path, errors);
        return errors;
    }

    private static List<FieldError> Closest(List<FieldError>[] outcomes) => outcomes.MinBy(outcome => outcome.Count)!;

    private static FieldError Failure(string path, string rule) =>
        FieldError.Invalid(FieldError.Nowhere, "\"\"", $"\"{path}\" {rule}");
}
