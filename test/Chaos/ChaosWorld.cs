using System.Text.Json;
using System.Text.Json.Nodes;
using NangoOrleans.FakeNango;
using NangoOrleans.Kubernetes.Crds;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Chaos;

/// <summary>The real API server, the fake Nango and a user of them; the silos come to it.</summary>
public sealed class ChaosWorld : IAsyncDisposable
{
    private const string Token = "5e0c3a52-6f0b-4c7e-9d53-0a4f6c1e2b7d";

    private const int LongestRequest = 1000;

    private const string WritesOfResources =
        """
        apiVersion: audit.k8s.io/v1
        kind: Policy
        omitStages: [RequestReceived]
        rules:
        - {level: Request, verbs: [create, update, patch, delete], resources: [{group: nango.nango.dev, resources: [nangointegrations, nangointegrations/status]}]}
        - {level: None}
        """;

    private ChaosWorld(RealApiServer server, FakeNangoServer nango, string @namespace)
    {
        (Server, Nango, Namespace) = (server, nango, @namespace);
        Api = new ResourceApi(server, @namespace);
    }

    /// <summary>The API server.</summary>
    public RealApiServer Server { get; }

    /// <summary>Nango.</summary>
    public FakeNangoServer Nango { get; }

    /// <summary>Where resources and silos live.</summary>
    public string Namespace { get; }

    /// <summary>The user.</summary>
    public ResourceApi Api { get; }

    /// <summary>Starts everything but silos.</summary>
    public static async Task<ChaosWorld> StartAsync(CancellationToken ct)
    {
        var server = await RealApiServer.StartAsync(ct, WritesOfResources);
        try
        {
            await server.InstallCrdsAsync(CustomResourceDefinitions.All, ct);
            var space = await server.CreateNamespaceAsync(ct);
            // Bodies say which key a POST was about.
            var nango = await FakeNangoServer.StartAsync(new FakeNangoOptions { Token = Token, KeepBodies = true, JournalCapacity = 2_000_000 }, ct);
            return new(server, nango, space);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The environment of a silo.</summary>
    /// <param name="name">Name of the silo.</param>
    /// <param name="isMember">True: one of several.</param>
    public IReadOnlyDictionary<string, string?> SiloEnvironment(string name, bool isMember)
    {
        var environment = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["KUBECONFIG"] = Server.KubeconfigPath,
            ["NANGO_TOKEN"] = Token,
            ["NANGO_BASE_URL"] = Nango.BaseUrl,
            ["NangoOrleans__DefaultCredential__Namespaces"] = "*",
            ["POD_NAMESPACE"] = Namespace,
        };
        if (!isMember) return environment;
        environment["NangoOrleans__Clustering"] = "Kubernetes";
        environment["POD_NAME"] = name;
        environment["POD_IP"] = "127.0.0.1";
        return environment;
    }

    /// <summary>All resources.</summary>
    public async Task<IReadOnlyList<SeenResource>> SeeResourcesAsync(CancellationToken ct) => [.. (await Api.ListAsync(ct)).Select(SeeResource)];

    /// <summary>All integrations.</summary>
    public IReadOnlyList<SeenIntegration> SeeIntegrations() =>
        [.. Nango.State.Environment().All().Select(i => new SeenIntegration(i.UniqueKey, ResourceApi.RevisionOf(i.DisplayName), AsWritten(i.CreatedAt)))];

    /// <summary>All calls so far, or those after one of them.</summary>
    public IReadOnlyList<Call> SeeCalls(long since = 0) => [.. Nango.Journal.Entries(since).Select(e => new Call(e.Seq, e.Time, e.Method, KeyOf(e), e.Status))];

    /// <summary>All writes of resources so far.</summary>
    public async Task<IReadOnlyList<Write>> SeeWritesAsync(CancellationToken ct) => [.. (await File.ReadAllLinesAsync(Server.AuditLogPath, ct)).Where(IsWhole).Select(SeeWrite)];

    // A line at which the server was killed ends anywhere.
    private static bool IsWhole(string line) => line.StartsWith('{') && line.EndsWith('}') && line.Contains("\"requestReceivedTimestamp\"", StringComparison.Ordinal);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Nango.DisposeAsync();
        await Server.DisposeAsync();
    }

    // Nango writes milliseconds.
    private static DateTimeOffset AsWritten(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMillisecond), time.Offset);

    private static SeenResource SeeResource(JsonObject resource)
    {
        var (metadata, status) = (resource["metadata"]!, resource["status"]);
        var ready = status?["conditions"]?.AsArray().FirstOrDefault(c => (string?)c!["type"] == "Ready");
        var isSettled = (long?)status?["observedGeneration"] == (long?)metadata["generation"]
            && (string?)ready?["status"] == "True" && status?["next_retry_time"] is null
            && (string?)status?["last_handled_reconcile_at"] == (string?)metadata["annotations"]?["nango.nango.dev/reconcile-requested-at"];
        return new(
            (string)metadata["name"]!,
            ResourceApi.RevisionOf((string?)resource["spec"]!["display_name"]),
            metadata["deletionTimestamp"] is not null,
            isSettled,
            (string?)status?["nango"]?["created_at"] is { } made ? DateTimeOffset.Parse(made, System.Globalization.CultureInfo.InvariantCulture) : null,
            $"{(string?)status?["status"] ?? "no status"}, generation {metadata["generation"]}, observed {status?["observedGeneration"]}, {ready?["reason"]}: {status?["error_message"]}");
    }

    private static Write SeeWrite(string line)
    {
        var told = JsonNode.Parse(line)!;
        var about = told["objectRef"]!;
        var sent = told["requestObject"];
        // Specs are in the plan.
        (sent as JsonObject)?.Remove("spec");
        var request = sent?.ToJsonString() ?? "";
        return new(
            DateTimeOffset.Parse((string)told["requestReceivedTimestamp"]!, System.Globalization.CultureInfo.InvariantCulture),
            (string?)about["name"] ?? "",
            $"{told["userAgent"]} {told["verb"]} {about["resource"]}{(about["subresource"] is { } part ? $"/{part}" : "")} {told["responseStatus"]?["code"]} {told["responseStatus"]?["reason"]} {request[..Math.Min(request.Length, LongestRequest)]}");
    }

    private static string KeyOf(JournalEntry entry)
    {
        const string Prefix = "/integrations/";
        if (entry.Path.StartsWith(Prefix, StringComparison.Ordinal)) return Uri.UnescapeDataString(entry.Path[Prefix.Length..]);
        return entry is { Method: "POST", Body: { } body } && JsonDocument.Parse(body).RootElement.TryGetProperty("unique_key", out var key) ? key.GetString()! : "";
    }
}
