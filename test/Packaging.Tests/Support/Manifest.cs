using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Packaging.Support;

/// <summary>What a user would apply.</summary>
internal static class Manifest
{
    public const string Namespace = "nango-integration-operator-system";

    private const string Release = "nango-integration-operator";

    /// <summary>What <c>kubectl kustomize</c> makes of a folder.</summary>
    public static Task<string> KustomizeAsync(string folder) => Tool.Kubectl.RunAsync(["kustomize", folder]);

    /// <summary>What <c>helm template</c> makes of the chart.</summary>
    public static Task<string> RenderChartAsync(params string[] values) =>
        Tool.Helm.RunAsync(["template", Release, "k8s/chart", "--namespace", Namespace, .. values.SelectMany(value => new[] { "--set", value })]);

    /// <summary>Objects by kind, namespace and name, without what says nothing about them: the order of environment variables, and helm's own note.</summary>
    public static SortedDictionary<string, JsonObject> Read(string yaml)
    {
        var objects = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var one in YamlDocuments.Parse(yaml))
        {
            var metadata = one["metadata"]!.AsObject();
            if (metadata["annotations"] is JsonObject annotations)
            {
                annotations.Remove("helm.sh/resource-policy");
                if (annotations.Count == 0) metadata.Remove("annotations");
            }

            if (Container(one) is { } container && container["env"] is JsonArray variables)
                container["env"] = new JsonArray([.. variables.OrderBy(v => (string?)v!["name"], StringComparer.Ordinal).Select(v => v!.DeepClone())]);
            objects.Add($"{one["kind"]} {metadata["namespace"]}/{metadata["name"]}", one);
        }

        return objects;
    }

    /// <summary>The one container of a Deployment; null for other kinds.</summary>
    public static JsonObject? Container(JsonObject one) =>
        (string?)one["kind"] == "Deployment" ? one["spec"]!["template"]!["spec"]!["containers"]!.AsArray().Single()!.AsObject() : null;
}
