using System.Collections.Concurrent;
using NangoOrleans.FakeNango;

namespace NangoOrleans.Nango.Tests;

/// <summary>
/// The server that the contract is checked against: the one named by <c>NANGO_CONTRACT_URL</c>, with an environment's key in
/// <c>NANGO_CONTRACT_TOKEN</c>, or else a fake of its own. A given server sees fewer than 150 requests, below Nango's default limit of
/// 200 per minute, and nothing stays behind there.
/// </summary>
public sealed class ContractServer : IAsyncLifetime
{
    private readonly ConcurrentBag<string> _keys = [];
    private FakeNangoServer? _fake;
    private ClientHost? _host;
    private string _token = ClientHost.Token;

    public string BaseUrl { get; private set; } = "";

    internal INangoClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("NANGO_CONTRACT_URL") is { Length: > 0 } url)
        {
            BaseUrl = url.TrimEnd('/');
            _token = Environment.GetEnvironmentVariable("NANGO_CONTRACT_TOKEN") ?? "";
        }
        else
        {
            _fake = await FakeNangoServer.StartAsync(new() { Token = _token, RateLimitPerMinute = null });
            BaseUrl = _fake.BaseUrl;
        }

        _host = new ClientHost(options => options.PrivateAddressOrigins.Add(new Uri(BaseUrl).GetLeftPart(UriPartial.Authority)));
        Client = _host.Client(BaseUrl, _token);
    }

    /// <summary>A key that no other test uses; whatever it names is deleted in the end.</summary>
    public string NewKey(string suffix = "")
    {
        var key = $"contract-{Guid.NewGuid():N}{suffix}";
        _keys.Add(key);
        return key;
    }

    internal INangoClient ClientWith(string token, string path = "") => _host!.Client(BaseUrl + path, token);

    internal INangoClient ClientAt(string path) => ClientWith(_token, path);

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            foreach (var key in _keys) await Client.DeleteAsync(key, CancellationToken.None);
            var left = (await Client.ListAsync(CancellationToken.None)).Select(row => row.UniqueKey).Intersect(_keys, StringComparer.Ordinal).ToList();
            Assert.True(left.Count == 0, $"Left behind in {BaseUrl}: {string.Join(", ", left)}");
            await _host.DisposeAsync();
        }

        if (_fake is not null) await _fake.DisposeAsync();
    }
}
