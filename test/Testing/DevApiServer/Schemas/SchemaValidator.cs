using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Schemas;

/// <summary>Checks an object against a schema; fields, reasons and sentences are those of kube-apiserver.</summary>
internal static class SchemaValidator
{
    /// <summary>Sent by kube-apiserver with errors that keep CEL rules from running.</summary>
    public static readonly FieldError Incomplete = FieldError.Invalid(
        FieldError.Nowhere, "null", "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation");

    private static readonly HashSet<string> Blocking =
        ["FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid"];

    private static readonly HashSet<string> RootFields = ["apiVersion", "kind", "metadata"];

    public static List<FieldError> Validate(JsonObject item, Schema schema)
    {
        var errors = new List<FieldError>();
        var checkedSchema = schema with
        {
            Properties = schema.Properties.RemoveRange(RootFields),
            Required = [.. schema.Required.Where(name => !RootFields.Contains(name))],
        };
        Check(item, checkedSchema, "", errors);
        return errors;
    }

    /// <summary>Checks <c>status</c> alone: what else is wrong with an object does not keep its status from being told.</summary>
    public static List<FieldError> ValidateStatus(JsonObject item, Schema schema)
    {
        var errors = new List<FieldError>();
        if (item["status"] is { } status && schema.Property("status") is { } rules)
        {
            Check(status, rules, "", errors);
        }

        return errors.ConvertAll(error => error.Field == FieldError.Nowhere ? error : error with { Field = Join("status", error.Field) });
    }

    public static bool IsBlocking(FieldError error) => Blocking.Contains(error.Reason);

    internal static void Check(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        if (node is null && schema.Nullable)
        {
            return;
        }

        if (!CheckType(node, schema, path, errors))
        {
            return;
        }

        CheckEnum(node, schema, path, errors);
        switch (node)
        {
            case JsonObject item:
                CheckObject(item, schema, path, errors);
                break;
            case JsonArray list:
                ListRules.Check(list, schema, path, errors);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                CheckString(value.Text()!, schema, path, errors);
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.Number:
                CheckNumber(value, schema, path, errors);
                break;
        }

        Combinations.Check(node, schema, path, errors);
    }

    internal static FieldError InBody(string path, string shown, string rule) =>
        FieldError.Invalid(path, shown, $"{path} in body {rule}");

    internal static string Show(JsonNode? node) => Encoding.UTF8.GetString(JsonTree.Serialize(node));

    private static bool CheckType(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        var actual = TypeOf(node);
        var expected = schema.IntOrString ? "integer,string" : schema.Type;
        var fits = expected switch
        {
            null => true,
            "integer,string" => actual is "integer" or "string",
            "number" => actual is "number" or "integer",
            _ => actual == expected,
        };
        if (!fits)
        {
            errors.Add(new FieldError("FieldValueTypeInvalid", path, $"Invalid value: \"{actual}\": {path} in body must be of type {expected}: \"{actual}\""));
        }

        return fits;
    }

    private static string TypeOf(JsonNode? node) => node.KindOf() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => IsWhole(NumberOf(node!)) ? "integer" : "number",
        _ => "null",
    };

    private static bool IsWhole(double number) => Math.Abs(number - Math.Truncate(number)) < double.Epsilon;

    internal static double NumberOf(JsonNode node) => node.Integer() ?? node.GetValue<double>();

    private static void CheckEnum(JsonNode? node, Schema schema, string path, List<FieldError> errors)
    {
        if (schema.Enum is not { } allowed || allowed.Any(value => JsonNode.DeepEquals(value, node)))
        {
            return;
        }

        var supported = string.Join(", ", allowed.Select(value => value.Text() is { } text ? $"\"{text}\"" : $"\"{Show(value)}\""));
        errors.Add(new FieldError("FieldValueNotSupported", path, $"Unsupported value: {Show(node)}: supported values: {supported}"));
    }

    private static void CheckObject(JsonObject item, Schema schema, string path, List<FieldError> errors)
    {
        foreach (var name in schema.Required.Where(name => !item.ContainsKey(name)))
        {
            errors.Add(FieldError.Required(Join(path, name)));
        }

        if (schema.MinProperties is { } least && item.Count < least)
        {
            errors.Add(InBody(path, item.Count.ToString(CultureInfo.InvariantCulture), $"should have at least {least} properties"));
        }

        if (schema.MaxProperties is { } most && item.Count > most)
        {
            errors.Add(ListRules.TooMany(path, item.Count, most));
        }

        foreach (var (name, value) in item)
        {
            if (schema.Property(name) is { } property)
            {
                Check(value, property, Join(path, name), errors);
            }
        }
    }

    /// <summary>Only the first broken rule is told, as kube-apiserver does.</summary>
    private static void CheckString(string text, Schema schema, string path, List<FieldError> errors)
    {
        var length = text.EnumerateRunes().Count();
        if (schema.MaxLength is { } longest && length > longest)
        {
            errors.Add(new FieldError("FieldValueTooLong", path, $"Too long: may not be more than {longest} bytes"));
        }
        else if (schema.MinLength is { } shortest && length < shortest)
        {
            errors.Add(InBody(path, Show(JsonValue.Create(text)), $"should be at least {shortest} chars long"));
        }
        else if (schema.CompiledPattern is { } pattern && !pattern.IsMatch(text))
        {
            errors.Add(InBody(path, Show(JsonValue.Create(text)), $"should match '{schema.Pattern}'"));
        }

        if (schema.Format is { } format && !StringFormats.Matches(text, format))
        {
            var shown = Show(JsonValue.Create(text));
            errors.Add(InBody(path, shown, $"must be of type {format}: {shown}") with { Reason = "FieldValueTypeInvalid" });
        }
    }

    private static void CheckNumber(JsonValue value, Schema schema, string path, List<FieldError> errors)
    {
        var number = NumberOf(value);
        if (schema.Minimum is { } least && (schema.ExclusiveMinimum ? number <= least : number < least))
        {
            errors.Add(InBody(path, Show(value), $"should be greater than {(schema.ExclusiveMinimum ? "" : "or equal to ")}{least.ToString(CultureInfo.InvariantCulture)}"));
        }

        if (schema.Maximum is { } most && (schema.ExclusiveMaximum ? number >= most : number > most))
        {
            errors.Add(InBody(path, Show(value), $"should be less than {(schema.ExclusiveMaximum ? "" : "or equal to ")}{most.ToString(CultureInfo.InvariantCulture)}"));
        }

        if (schema.MultipleOf is { } factor && !IsWhole(number / factor))
        {
            errors.Add(InBody(path, Show(value), $"should be a multiple of {factor.ToString(CultureInfo.InvariantCulture)}"));
        }
    }

    internal static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
