using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Tables;

/// <summary>One column of a Table answer; <c>Cell</c> computes the value shown for an object at a moment.</summary>
internal sealed record TableColumn(string Name, string Type, string Format, string Description, int Priority, Func<JsonObject, DateTimeOffset, JsonNode?> Cell)
{
    private static readonly TableColumn NameColumn = new("Name", "string", "name",
        "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
        0, (item, _) => item.Name());

    public static TableColumn ObjectName => NameColumn;

    public static TableColumn Of(string name, string jsonPath, string type = "string", int priority = 0)
    {
        var path = JsonPathExpression.Parse(jsonPath);
        return new TableColumn(name, type, "", "", priority, (item, now) => Convert(path, type, item, now));
    }

    public static TableColumn Computed(string name, Func<JsonObject, string> cell, int priority = 0) =>
        new(name, "string", "", "", priority, (item, _) => cell(item));

    public static TableColumn FromDefinition(JsonObject column)
    {
        var jsonPath = column.Text("jsonPath") ?? "";
        return Of(column.Text("name") ?? "", jsonPath, column.Text("type") ?? "string", (int)(column["priority"].Integer() ?? 0)) with
        {
            Format = column.Text("format") ?? "",
            Description = column.Text("description") is { Length: > 0 } given ? given : "Custom resource definition column (in JSONPath format): " + jsonPath,
        };
    }

    public JsonObject ToDefinition() => new()
    {
        ["name"] = Name,
        ["type"] = Type,
        ["format"] = Format,
        ["description"] = Description,
        ["priority"] = Priority,
    };

    private static JsonNode? Convert(JsonPathExpression path, string type, JsonObject item, DateTimeOffset now)
    {
        var found = path.Find(item).FirstOrDefault();
        return type switch
        {
            _ when found is null => null,
            "string" => JsonPathExpression.Show(found),
            "integer" when found.GetValueKind() == JsonValueKind.Number => found.Integer() ?? (long)found.GetValue<double>(),
            "number" when found.GetValueKind() == JsonValueKind.Number => found.DeepClone(),
            "boolean" when found.Boolean() is { } flag => flag,
            "date" => found.Text() is { } text ? Age(text, now) : null,
            _ => null,
        };
    }

    private static string Age(string text, DateTimeOffset now) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? HumanDuration.Format(now - time)
            : "<invalid>";
}
