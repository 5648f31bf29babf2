using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <inheritdoc cref="INangoClient"/>
internal sealed class NangoClient(NangoTransport transport, NangoEndpoint endpoint, long maxBytes, long maxListBytes) : INangoClient
{
    /// <summary>The most that Nango gives on one page.</summary>
    private const int ConnectionPage = 2000;

    public async Task<RemoteIntegration?> GetAsync(string uniqueKey, bool includeCredentials, CancellationToken cancellationToken)
    {
        // Nango refuses a comma list here: the parameter is repeated.
        var query = includeCredentials ? "?include=credentials&include=webhook" : "";
        var request = new NangoRequest(NangoCall.Get, Integration(uniqueKey) + query, maxBytes);
        return await SendForIntegrationAsync(request, uniqueKey, includeCredentials, cancellationToken);
    }

    public async Task<IntegrationLookUp> LookUpAsync(string uniqueKey, CancellationToken cancellationToken)
    {
        DateTimeOffset? answeredAt = null;
        var request = new NangoRequest(NangoCall.Get, Integration(uniqueKey), maxBytes) { Answered = date => answeredAt = date };
        var found = await SendForIntegrationAsync(request, uniqueKey, credentialsWanted: false, cancellationToken);
        return new IntegrationLookUp(found, answeredAt);
    }

    public async Task<IReadOnlyList<RemoteIntegration>> ListAsync(CancellationToken cancellationToken)
    {
        var rows = (await SendAsync(new(NangoCall.List, "/integrations", maxListBytes), NangoJson.Default.IntegrationListAnswer, cancellationToken))?.Data;
        if (rows is null || rows.Any(row => row is not { IsComplete: true })) throw Incomplete(NangoCall.List);
        return rows.ConvertAll(row => row!.ToRemote(credentialsWanted: false));
    }

    public async Task<RemoteIntegration?> CreateAsync(CreateIntegration request, CancellationToken cancellationToken)
    {
        // A key that no later call could address must not come to exist.
        _ = PathNames.UniqueKey(request.UniqueKey);
        var body = Body(request, NangoJson.Default.CreateIntegration);
        return await SendForIntegrationAsync(new(NangoCall.Create, "/integrations", maxBytes, body), request.UniqueKey, false, cancellationToken);
    }

    public async Task<RemoteIntegration?> UpdateAsync(string uniqueKey, UpdateIntegration request, CancellationToken cancellationToken)
    {
        var body = Body(request, NangoJson.Default.UpdateIntegration);
        return await SendForIntegrationAsync(new(NangoCall.Update, Integration(uniqueKey), maxBytes, body), uniqueKey, false, cancellationToken);
    }

    public async Task<bool> DeleteAsync(string uniqueKey, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(new(NangoCall.Delete, Integration(uniqueKey), maxBytes), NangoJson.Default.DeletionAnswer, cancellationToken);
        if (answer is null) return false;
        return answer.Success == true ? true : throw Incomplete(NangoCall.Delete);
    }

    public async Task<int?> CountConnectionsAsync(string uniqueKey, CancellationToken cancellationToken)
    {
        var path = $"/connections?integrationId={PathNames.UniqueKey(uniqueKey)}&limit={ConnectionPage}";
        var answer = await SendAsync(new(NangoCall.Connections, path, maxListBytes), NangoJson.Default.ConnectionListAnswer, cancellationToken);
        if (answer is null) return null;
        return answer.Connections?.Count ?? throw Incomplete(NangoCall.Connections);
    }

    public async Task<NangoProvider?> GetProviderAsync(string provider, CancellationToken cancellationToken)
    {
        var request = new NangoRequest(NangoCall.Provider, $"/providers/{PathNames.Provider(provider)}", maxBytes);
        var answer = await SendAsync(request, NangoJson.Default.ProviderAnswer, cancellationToken);
        if (answer is null) return null;
        var found = answer.Data ?? throw Incomplete(NangoCall.Provider);
        // For names of JavaScript built-ins ("constructor") Nango answers 200 with an object that is no provider.
        return string.IsNullOrEmpty(found.AuthMode) ? null : found;
    }

    public async Task<IReadOnlyList<string>> ListProviderNamesAsync(CancellationToken cancellationToken)
    {
        var rows = (await SendAsync(new(NangoCall.Providers, "/providers", maxListBytes), NangoJson.Default.ProviderListAnswer, cancellationToken))?.Data;
        return rows is null ? throw Incomplete(NangoCall.Providers) : [.. rows.Select(row => row?.Name).OfType<string>()];
    }

    private async Task<RemoteIntegration?> SendForIntegrationAsync(
        NangoRequest request, string uniqueKey, bool credentialsWanted, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(request, NangoJson.Default.IntegrationAnswer, cancellationToken);
        if (answer is null) return null;
        // Another key than asked for would be somebody else's integration, out of a cache in between.
        return answer.Data is { IsComplete: true } data && data.UniqueKey == uniqueKey
            ? data.ToRemote(credentialsWanted)
            : throw Incomplete(request.Call);
    }

    private Task<T?> SendAsync<T>(NangoRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => transport.SendAsync(endpoint, request, type, cancellationToken);

    private static string Integration(string uniqueKey) => $"/integrations/{PathNames.UniqueKey(uniqueKey)}";

    private static byte[] Body<T>(T body, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(body, type);

    private static FailureException Incomplete(NangoCall call) => new(NangoFailures.Malformed(call) with { StatusCode = 200 });
}
