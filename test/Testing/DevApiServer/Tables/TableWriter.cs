using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Resources;

namespace NangoOrleans.Testing.ApiServer.Tables;

internal enum RowObject
{
    Metadata,
    Object,
    None,
}

/// <summary>Builds meta.k8s.io/v1 Table documents, which kubectl prints as they come.</summary>
internal static class TableWriter
{
    private static readonly TableColumn DefaultAge = TableColumn.Of("Age", ".metadata.creationTimestamp", "date") with
    {
        Description = "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
    };

    public static JsonObject Table(ResourceType type, IEnumerable<JsonObject> items, JsonObject metadata, RowObject rowObject, DateTimeOffset now, bool withColumns = true)
    {
        var columns = ColumnsOf(type);
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = withColumns ? new JsonArray([.. columns.Select(c => (JsonNode)c.ToDefinition())]) : null,
            ["rows"] = new JsonArray([.. items.Select(item => (JsonNode)Row(columns, item, rowObject, now))]),
        };
    }

    public static JsonObject PartialMetadata(JsonObject item) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = item["metadata"]?.DeepClone(),
    };

    private static ImmutableArray<TableColumn> ColumnsOf(ResourceType type) =>
        [TableColumn.ObjectName, .. type.Columns.IsEmpty ? [DefaultAge] : type.Columns];

    private static JsonObject Row(ImmutableArray<TableColumn> columns, JsonObject item, RowObject rowObject, DateTimeOffset now)
    {
        return new JsonObject
        {
            ["cells"] = new JsonArray([.. columns.Select(c => c.Cell(item, now))]),
            ["object"] = rowObject switch
            {
                RowObject.None => null,
                RowObject.Object => item.DeepClone(),
                _ => PartialMetadata(item),
            },
        };
    }
}
