using System.Globalization;
using NangoOrleans.Grains.Tests.Builders;
using NangoOrleans.Nango;

namespace NangoOrleans.Grains.Tests.Support;

/// <summary>Nango, as far as the operator sees it: environments by token, unique keys, times that move with writes.</summary>
internal sealed class InMemoryNango(Wire wire) : INangoClientFactory
{
    private readonly Dictionary<string, NangoWorld> _environments = new(StringComparer.Ordinal);

    public INangoClient Create(NangoEndpoint endpoint) => new Client(wire, Environment(endpoint.RevealToken()));

    public NangoWorld Environment(string token = A.Token) => wire.Apply(() =>
    {
        if (!_environments.TryGetValue(token, out var environment)) _environments[token] = environment = new NangoWorld(IntegrationBuilder.Born.AddMinutes(1 + _environments.Count));
        return environment;
    });

    private sealed class Client(Wire wire, NangoWorld world) : INangoClient
    {
        public Task<RemoteIntegration?> GetAsync(string uniqueKey, bool includeCredentials, CancellationToken cancellationToken) =>
            wire.CallAsync($"look {uniqueKey}", () => world.Integrations.TryGetValue(uniqueKey, out var found) ? Show(found, includeCredentials) : null);

        public Task<IntegrationLookUp> LookUpAsync(string uniqueKey, CancellationToken cancellationToken) => wire.CallAsync($"look {uniqueKey}", () =>
            new IntegrationLookUp(world.Integrations.TryGetValue(uniqueKey, out var found) ? Show(found, includeCredentials: false) : null, world.AnswersDated ? world.Now : null));

        public Task<IReadOnlyList<RemoteIntegration>> ListAsync(CancellationToken cancellationToken) =>
            wire.CallAsync<IReadOnlyList<RemoteIntegration>>("list", () => [.. world.Integrations.Values.Select(i => Show(i, includeCredentials: false))]);

        public Task<RemoteIntegration?> CreateAsync(CreateIntegration request, CancellationToken cancellationToken) => wire.CallAsync($"create {request.UniqueKey}", () =>
        {
            if (world.Integrations.ContainsKey(request.UniqueKey)) return null;
            var now = world.Tick();
            var credentials = request.Credentials is { Scopes: null or "" } c ? c with { Scopes = world.DefaultScopes } : request.Credentials;
            var made = new RemoteIntegration
            {
                UniqueKey = request.UniqueKey,
                Provider = request.Provider,
                DisplayName = request.DisplayName ?? "",
                ForwardWebhooks = request.ForwardWebhooks ?? true,
                Credentials = credentials,
                CreatedAt = now,
                UpdatedAt = now,
            };
            world.Integrations[request.UniqueKey] = made;
            world.Custom[request.UniqueKey] = request.Custom;
            world.CreatedByOperator.Add(now);
            return Show(made, includeCredentials: false);
        });

        public Task<RemoteIntegration?> UpdateAsync(string uniqueKey, UpdateIntegration request, CancellationToken cancellationToken) => wire.CallAsync($"update {uniqueKey}", () =>
        {
            if (!world.Integrations.TryGetValue(uniqueKey, out var found)) return null;
            world.UpdatedByOperator.Add(found.CreatedAt);
            var credentials = request.Credentials is { Scopes: "" } c ? c with { Scopes = null } : request.Credentials;
            var changed = found with
            {
                DisplayName = world.IsStubborn ? found.DisplayName : request.DisplayName ?? found.DisplayName,
                ForwardWebhooks = request.ForwardWebhooks ?? found.ForwardWebhooks,
                Credentials = credentials ?? found.Credentials,
                UpdatedAt = world.Tick(),
            };
            world.Integrations[uniqueKey] = changed;
            if (request.Custom is not null) world.Custom[uniqueKey] = request.Custom;
            return Show(changed, includeCredentials: false);
        });

        public Task<bool> DeleteAsync(string uniqueKey, CancellationToken cancellationToken) => wire.CallAsync($"delete {uniqueKey}", () =>
        {
            if (!world.Integrations.Remove(uniqueKey, out var removed)) return false;
            world.DeletedByOperator.Add(removed.CreatedAt);
            return true;
        });

        public Task<int?> CountConnectionsAsync(string uniqueKey, CancellationToken cancellationToken) => wire.CallAsync($"connections {uniqueKey}", () => world.Connections);

        public Task<NangoProvider?> GetProviderAsync(string provider, CancellationToken cancellationToken) =>
            wire.CallAsync($"provider {provider}", () => provider == A.Provider.Name ? A.Provider : null);

        public Task<IReadOnlyList<string>> ListProviderNamesAsync(CancellationToken cancellationToken) =>
            wire.CallAsync<IReadOnlyList<string>>("providers", () => [A.Provider.Name, "github"]);

        private RemoteIntegration Show(RemoteIntegration integration, bool includeCredentials) => includeCredentials && world.CredentialsReadable
            ? integration with { CredentialsReadable = true }
            : integration with { Credentials = null, CredentialsReadable = false };
    }
}

/// <summary>One environment of Nango, open to tests.</summary>
internal sealed class NangoWorld(DateTimeOffset start)
{
    private DateTimeOffset _now = start;

    public Dictionary<string, RemoteIntegration> Integrations { get; } = new(StringComparer.Ordinal);

    /// <summary>What Nango never shows, by unique_key.</summary>
    public Dictionary<string, IReadOnlyDictionary<string, string>?> Custom { get; } = new(StringComparer.Ordinal);

    /// <summary>created_at of everything the operator made, changed and removed.</summary>
    public List<string> CreatedByOperator { get; } = [];

    public List<string> UpdatedByOperator { get; } = [];

    public List<string> DeletedByOperator { get; } = [];

    public int? Connections { get; set; } = 0;

    public bool CredentialsReadable { get; set; } = true;

    public string? DefaultScopes { get; set; }

    /// <summary>Takes changes of the display name without making them.</summary>
    public bool IsStubborn { get; set; }

    /// <summary>False for a server behind a proxy that removes the Date header.</summary>
    public bool AnswersDated { get; set; } = true;

    /// <summary>Nango's clock in a Date header: whole seconds.</summary>
    public DateTimeOffset Now => new(_now.UtcTicks - (_now.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    /// <summary>A new time, different from every former one.</summary>
    public string Tick() => Write(_now = _now.AddMilliseconds(1));

    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
