using System.Text.Json.Nodes;

namespace NangoOrleans.Testing.ApiServer.Tests.Support;

/// <summary>Reads answers.</summary>
internal static class Reading
{
    public static string? Text(this JsonNode? node, params string[] path) => node.At(path)?.ToString();

    public static JsonNode? At(this JsonNode? node, params string[] path) => path.Aggregate(node, (at, name) => at?[name]);

    public static long Generation(this JsonNode node) => node["metadata"]!["generation"]!.GetValue<long>();

    public static string Version(this JsonNode node) => node["metadata"]!["resourceVersion"]!.GetValue<string>();

    public static string[] Names(this JsonNode list) => [.. ((JsonArray)list["items"]!).Select(item => item.Text("metadata", "name")!)];

    public static string[] Causes(this JsonNode status) =>
        [.. ((JsonArray)status["details"]!["causes"]!).Select(cause => $"{cause!["field"]}: {cause["message"]}")];
}
