using System.Text.Json.Nodes;

namespace NangoOrleans.Testing.ApiServer.Tests.Support;

internal sealed record WatchEvent(string Type, JsonObject Object)
{
    public string? Name => Object["metadata"]?["name"]?.GetValue<string>();

    public string? ResourceVersion => Object["metadata"]?["resourceVersion"]?.GetValue<string>();
}

/// <summary>Reads the lines of a watch.</summary>
internal sealed class WatchReader(HttpResponseMessage response, StreamReader reader) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public HttpResponseMessage Response { get; } = response;

    /// <summary>The next event, or null at the end of the body.</summary>
    public async Task<WatchEvent?> NextAsync()
    {
        var line = await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
        if (line is null)
        {
            return null;
        }

        var parsed = JsonNode.Parse(line)!;
        return new WatchEvent(parsed["type"]!.GetValue<string>(), (JsonObject)parsed["object"]!);
    }

    public async Task<WatchEvent> RequireAsync(string type)
    {
        var next = await NextAsync();
        Assert.Equal(type, next?.Type);
        return next!;
    }

    public void Dispose()
    {
        reader.Dispose();
        Response.Dispose();
    }
}
