using System.Text.Json.Nodes;

namespace NangoOrleans.LocalRun;

/// <summary>One line of the table: what <c>kubectl get ni</c> shows.</summary>
internal sealed record IntegrationRow(string Name, string Key, string Provider, string Status, string Message)
{
    /// <summary>Headings.</summary>
    public static IntegrationRow Heading { get; } = new("NAMESPACE/NAME", "KEY", "PROVIDER", "STATUS", "");

    /// <summary>Reads a list as the API server gives it.</summary>
    /// <param name="json">UTF-8 JSON.</param>
    public static List<IntegrationRow> ReadList(ReadOnlySpan<byte> json) =>
        [.. JsonNode.Parse(json)!["items"]!.AsArray().Select(item => new IntegrationRow(
            $"{(string?)item!["metadata"]!["namespace"]}/{(string?)item["metadata"]!["name"]}",
            (string?)item["spec"]?["unique_key"] ?? "",
            (string?)item["spec"]?["provider"] ?? "",
            (string?)item["status"]?["status"] ?? "",
            (string?)item["status"]?["error_message"] ?? ""))];

    /// <inheritdoc/>
    public override string ToString() => $"{Name,-28} {Key,-20} {Provider,-12} {Status,-10} {Message}".TrimEnd();
}
