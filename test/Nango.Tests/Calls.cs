namespace NangoOrleans.Nango.Tests;

/// <summary>Every call of the client, for tests that hold for all of them.</summary>
internal static class Calls
{
    public static readonly CreateIntegration Creation = new()
    {
        UniqueKey = "github-1",
        Provider = "github",
        DisplayName = "GitHub",
        Credentials = new() { Type = "OAUTH2", ClientId = "id", ClientSecret = "secret" },
    };

    public static readonly IReadOnlyDictionary<string, Func<INangoClient, CancellationToken, Task>> All =
        new Dictionary<string, Func<INangoClient, CancellationToken, Task>>(StringComparer.Ordinal)
        {
            ["get"] = (client, stop) => client.GetAsync("github-1", includeCredentials: true, stop),
            ["list"] = (client, stop) => client.ListAsync(stop),
            ["create"] = (client, stop) => client.CreateAsync(Creation, stop),
            ["update"] = (client, stop) => client.UpdateAsync("github-1", new() { DisplayName = "Other" }, stop),
            ["delete"] = (client, stop) => client.DeleteAsync("github-1", stop),
            ["connections"] = (client, stop) => client.CountConnectionsAsync("github-1", stop),
            ["provider"] = (client, stop) => client.GetProviderAsync("github", stop),
            ["providers"] = (client, stop) => client.ListProviderNamesAsync(stop),
        };

    public static TheoryData<string> Names => [.. All.Keys];

    public static bool IsWrite(string name) => name is "create" or "update" or "delete";
}
