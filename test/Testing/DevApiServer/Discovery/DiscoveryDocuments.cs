using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Resources;

namespace NangoOrleans.Testing.ApiServer.Discovery;

/// <summary>The discovery documents: what groups, versions and resources are served.</summary>
internal sealed class DiscoveryDocuments(ResourceCatalog catalog)
{
    public const string AggregatedType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    private static readonly string[] StatusVerbs = ["get", "patch", "update"];

    public static JsonObject Core(string address) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address }),
    };

    public JsonObject Groups() => new()
    {
        ["kind"] = "APIGroupList",
        ["apiVersion"] = "v1",
        ["groups"] = Array(GroupNames().Select(name => Group(name)!)),
    };

    /// <summary>Null when there is no such group.</summary>
    public JsonObject? Group(string name)
    {
        var versions = catalog.All.Where(type => type.Group == name && name.Length > 0).Select(type => type.Version).Distinct().ToArray();
        if (versions.Length == 0)
        {
            return null;
        }

        JsonObject Version(string version) => new() { ["groupVersion"] = $"{name}/{version}", ["version"] = version };
        return new JsonObject
        {
            ["kind"] = "APIGroup",
            ["apiVersion"] = "v1",
            ["name"] = name,
            ["versions"] = Array(versions.Select(Version)),
            ["preferredVersion"] = Version(versions[0]),
        };
    }

    /// <summary>Null when there is no such version.</summary>
    public JsonObject? Resources(string group, string version)
    {
        var types = catalog.InGroup(group, version).ToArray();
        return types.Length == 0 ? null : new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = types[0].ApiVersion,
            ["resources"] = Array(types.SelectMany(Legacy)),
        };
    }

    /// <summary>Everything of /api or of /apis in one document.</summary>
    public JsonObject Aggregated(bool core) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = "apidiscovery.k8s.io/v2",
        ["metadata"] = new JsonObject(),
        ["items"] = Array((core ? [""] : GroupNames()).Select(name => new JsonObject
        {
            ["metadata"] = core ? [] : new JsonObject { ["name"] = name },
            ["versions"] = Array(catalog.All.Where(type => type.Group == name).GroupBy(type => type.Version).Select(version => new JsonObject
            {
                ["version"] = version.Key,
                ["resources"] = Array(version.Select(Aggregated)),
                ["freshness"] = "Current",
            })),
        })),
    };

    private IEnumerable<string> GroupNames() => catalog.All.Select(type => type.Group).Where(name => name.Length > 0).Distinct();

    private static IEnumerable<JsonObject> Legacy(ResourceType type)
    {
        var main = new JsonObject
        {
            ["name"] = type.Plural,
            ["singularName"] = type.Singular,
            ["namespaced"] = type.Namespaced,
            ["kind"] = type.Kind,
            ["verbs"] = Texts(Verbs),
        };
        AddNames(main, type);
        yield return main;
        if (type.HasStatus)
        {
            yield return new JsonObject
            {
                ["name"] = type.Plural + "/status",
                ["singularName"] = "",
                ["namespaced"] = type.Namespaced,
                ["kind"] = type.Kind,
                ["verbs"] = Texts(StatusVerbs),
            };
        }
    }

    private static JsonObject Aggregated(ResourceType type)
    {
        JsonObject ResponseKind() => new() { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind };
        var entry = new JsonObject
        {
            ["resource"] = type.Plural,
            ["responseKind"] = ResponseKind(),
            ["scope"] = type.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = type.Singular,
            ["verbs"] = Texts(Verbs),
        };
        AddNames(entry, type);
        if (type.HasStatus)
        {
            entry["subresources"] = new JsonArray(new JsonObject { ["subresource"] = "status", ["responseKind"] = ResponseKind(), ["verbs"] = Texts(StatusVerbs) });
        }

        return entry;
    }

    private static void AddNames(JsonObject entry, ResourceType type)
    {
        if (!type.ShortNames.IsEmpty)
        {
            entry["shortNames"] = Texts(type.ShortNames);
        }

        if (!type.Categories.IsEmpty)
        {
            entry["categories"] = Texts(type.Categories);
        }
    }

    private static JsonArray Array(IEnumerable<JsonObject> items) => [.. items];

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];
}
