using System.Text.Json.Nodes;

namespace NangoOrleans.Kubernetes.Crds;

/// <summary>The definitions of our custom resources, generated from the C# types; <c>k8s/crd</c> holds them as files.</summary>
public static class CustomResourceDefinitions
{
    private const string Header = "# Generated from the types in src/Abstractions/Resources. Do not edit: run \"make manifests\".\n";

    // CEL rules came with 1.25 and selectable fields with 1.30; older servers drop or refuse them.
    private static readonly string[] NewerThan119 = ["x-kubernetes-validations", "selectableFields"];

    /// <summary>Every definition as one YAML document, for a current server.</summary>
    public static IReadOnlyList<string> All { get; } = Documents(compat: false);

    /// <summary>All definitions in one YAML text, as <c>kubectl apply -f -</c> takes it.</summary>
    /// <param name="compat">True: without keywords newer than Kubernetes 1.19.</param>
    public static string Render(bool compat) => Header + string.Join("---\n", compat ? Documents(compat) : All);

    /// <summary>The files of <c>k8s/crd</c>: name and text of each.</summary>
    public static IReadOnlyList<(string Name, string Text)> Files() =>
        [.. All.Zip(Definitions(), (text, definition) => ($"{definition["spec"]!["group"]}_{definition["spec"]!["names"]!["plural"]}.yaml", Header + text))];

    private static JsonObject[] Definitions() => [NangoIntegrationDefinition.Create(), .. NangoEnvironmentDefinition.CreateBoth(), OrleansClusterDefinition.Create()];

    private static IReadOnlyList<string> Documents(bool compat)
    {
        var definitions = Definitions();
        if (compat) Array.ForEach(definitions, RemoveNewerKeywords);
        return [.. definitions.Select(YamlText.Write)];
    }

    private static void RemoveNewerKeywords(JsonNode node)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list.OfType<JsonNode>()) RemoveNewerKeywords(item);
        }
        else if (node is JsonObject map)
        {
            foreach (var keyword in NewerThan119) map.Remove(keyword);
            foreach (var child in map.Select(pair => pair.Value).OfType<JsonNode>()) RemoveNewerKeywords(child);
        }
    }
}
