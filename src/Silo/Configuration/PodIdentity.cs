using System.Net;
using System.Text.RegularExpressions;

namespace NangoOrleans.Configuration;

/// <summary>Who a silo is among others, as the downward API tells it. A Pod of that name need not exist.</summary>
/// <param name="Name"><c>POD_NAME</c>: name of the silo.</param>
/// <param name="Namespace"><c>POD_NAMESPACE</c>: where the silos meet.</param>
/// <param name="Address"><c>POD_IP</c>: where other silos reach it.</param>
internal sealed partial record PodIdentity(string Name, string Namespace, IPAddress Address)
{
    private const string NameVariable = "POD_NAME", NamespaceVariable = "POD_NAMESPACE", AddressVariable = "POD_IP";

    /// <summary>Reads the variables.</summary>
    /// <param name="configuration">The whole configuration, environment included.</param>
    /// <returns>The identity, and one sentence for each mistake.</returns>
    public static (PodIdentity? Identity, IReadOnlyList<string> Problems) Read(IConfiguration configuration)
    {
        List<string> problems = [];
        var name = Read(configuration, NameVariable, "metadata.name", problems);
        if (name is not null && (name.Length > 200 || !DnsSubdomain().IsMatch(name))) problems.Add($"{NameVariable} must be the name of a pod, was {name}.");
        var space = Read(configuration, NamespaceVariable, "metadata.namespace", problems);
        if (space is not null && (space.Length > 63 || !DnsSubdomain().IsMatch(space) || space.Contains('.', StringComparison.Ordinal)))
            problems.Add($"{NamespaceVariable} must be the name of a namespace, was {space}.");
        var text = Read(configuration, AddressVariable, "status.podIP", problems);
        if (!IPAddress.TryParse(text, out var address) || IsAny(address))
        {
            if (text is not null) problems.Add($"{AddressVariable} must be the IP address at which other silos reach this one, was {text}.");
        }

        return problems.Count > 0 ? (null, problems) : (new(name!, space!, address!), []);
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static string? Read(IConfiguration configuration, string variable, string field, List<string> problems)
    {
        var text = configuration[variable]?.Trim();
        if (!string.IsNullOrEmpty(text)) return text;
        problems.Add($"{variable} is not set, but {Setting.Describe($"{Setting.Section}:{nameof(OperatorOptions.Clustering)}")} is Kubernetes: "
            + $"give the container this variable from the pod's field {field}.");
        return null;
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", RegexOptions.ExplicitCapture)]
    private static partial Regex DnsSubdomain();
}
