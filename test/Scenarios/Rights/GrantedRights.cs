using System.Text.Json.Nodes;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Scenarios.Rights;

/// <summary>Verbs and resources, as roles grant them and as requests need them.</summary>
internal static class GrantedRights
{
    /// <summary>What the one role of a manifest grants.</summary>
    public static IReadOnlyList<string> Read(string file) =>
    [
        .. YamlDocuments.Parse(RepositoryFiles.Read(file)).Single(one => ((string)one["kind"]!).EndsWith("Role", StringComparison.Ordinal))["rules"]!.AsArray()
            .SelectMany(rule => Texts(rule, "resources").SelectMany(resource => Texts(rule, "verbs").Select(verb => $"{verb} {resource}")))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>What requests needed. Discovery, and to ask what one may do, is open to everybody who is known.</summary>
    public static IReadOnlyList<string> NeededBy(IEnumerable<FaultProxyRequest> requests) =>
    [
        .. requests.Where(request => request.Resource.Length > 0 && request.Resource != "selfsubjectaccessreviews")
            .Select(request => $"{(request.Verb == "apply" ? "patch" : request.Verb)} {request.Resource}")
            .Distinct().Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Texts(JsonNode? rule, string name) => rule![name]!.AsArray().Select(text => (string)text!);
}
