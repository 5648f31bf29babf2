using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Patching;

/// <summary>One entry of managedFields.</summary>
internal sealed record FieldOwner(string Manager, string Operation, string ApiVersion, string Subresource, string Time, FieldSet Fields)
{
    public bool IsSameAs(FieldOwner other) =>
        (Manager, Operation, ApiVersion, Subresource) == (other.Manager, other.Operation, other.ApiVersion, other.Subresource);

    public static FieldOwner Parse(JsonObject entry) => new(
        entry.Text("manager") ?? "", entry.Text("operation") ?? "", entry.Text("apiVersion") ?? "", entry.Text("subresource") ?? "", entry.Text("time") ?? "",
        FieldSet.Parse(entry.Object("fieldsV1")));

    public JsonObject ToJson()
    {
        var entry = new JsonObject
        {
            ["apiVersion"] = ApiVersion,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = Fields.ToJson(),
            ["manager"] = Manager,
            ["operation"] = Operation,
        };
        if (Subresource.Length > 0)
        {
            entry["subresource"] = Subresource;
        }

        entry["time"] = Time;
        return entry;
    }
}

/// <summary>Keeps the record of who owns which field.</summary>
internal static class ManagedFields
{
    public static List<FieldOwner> Of(JsonObject? item) =>
        item is null ? [] : [.. (item.Metadata().Array("managedFields") ?? []).OfType<JsonObject>().Select(FieldOwner.Parse)];

    /// <summary>In the order of kube-apiserver.</summary>
    public static JsonArray ToJson(IEnumerable<FieldOwner> owners) =>
    [
        .. owners.Where(owner => !owner.Fields.IsEmpty)
            .OrderBy(owner => owner.Operation, StringComparer.Ordinal)
            .ThenBy(owner => owner.Time, StringComparer.Ordinal)
            .ThenBy(owner => owner.Manager, StringComparer.Ordinal)
            .ThenBy(owner => owner.Subresource, StringComparer.Ordinal)
            .Select(owner => (JsonNode)owner.ToJson()),
    ];

    /// <summary>Whether a writer asks to forget all owners: a list of one empty entry.</summary>
    public static bool IsReset(JsonObject content) => content["metadata"].Array("managedFields") is [JsonObject { Count: 0 }];

    /// <summary>Who owns what after a create, update or patch: the writer owns what it wrote, and nobody owns what went.</summary>
    public static JsonArray Record(ApiRequest request, JsonObject? before, JsonObject after, string now)
    {
        var writer = new FieldOwner(request.Manager, "Update", request.Type.ApiVersion, request.Subresource ?? "", now, new FieldSet());
        var owners = Of(before);
        var (written, removed) = FieldStructure.Compare(before ?? [], WithoutManagedFields(after), FieldStructure.SchemaOf(request.Type));
        FieldStructure.WithoutIdentity(written);
        if (request.Type.HasStatus && request.Subresource is null)
        {
            written.Remove("f:status");
        }

        if (written.IsEmpty && removed.IsEmpty)
        {
            return ToJson(owners);
        }

        var result = owners.ConvertAll(owner => owner with { Fields = owner.Fields.Except(written).Except(removed) });
        var index = owners.FindIndex(writer.IsSameAs);
        if (index < 0)
        {
            result.Add(writer with { Fields = written });
        }
        else
        {
            result[index] = writer with { Fields = owners[index].Fields.Except(removed).Union(written) };
        }

        return ToJson(result);
    }

    public static bool SameApartFromTime(JsonArray? before, JsonArray after)
    {
        static JsonArray Timeless(JsonArray entries)
        {
            var copy = (JsonArray)entries.DeepClone();
            foreach (var entry in copy.OfType<JsonObject>())
            {
                entry.Remove("time");
            }

            return copy;
        }

        return before is not null ? JsonNode.DeepEquals(Timeless(before), Timeless(after)) : after.Count == 0;
    }

    private static JsonObject WithoutManagedFields(JsonObject item)
    {
        var copy = item.Clone();
        copy.Metadata().Remove("managedFields");
        return copy;
    }
}
