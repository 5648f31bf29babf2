using System.Text.Json.Nodes;
using NangoOrleans.Scenarios.World;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Scenarios.Attacks;

/// <summary>
/// An operator with a credential of its own that every namespace may use (the weakest setting), and two servers of an attacker:
/// one that the administrator lists for another purpose, one that he does not know.
/// </summary>
public sealed class AttackedWorld : IAsyncDisposable
{
    private OperatorWorld? _world;
    private TrapServer? _listed;
    private TrapServer? _foreign;
    private TrapServer? _mapped;

    /// <summary>On the administrator's list.</summary>
    public TrapServer Listed => _listed!;

    /// <summary>On no list.</summary>
    public TrapServer Foreign => _foreign!;

    /// <summary>Namespace of somebody else, with a Secret <c>token</c> that holds <see cref="OthersToken"/>.</summary>
    public const string OthersNamespace = "somebody-else";

    public const string OthersToken = "b9a1f0de-5f1c-4f0e-9a53-6f7f1b2c3d4e";

    public async Task<OperatorWorld> GetAsync(CancellationToken ct)
    {
        if (_world is not null) return _world;
        _listed = await TrapServer.StartAsync(ct);
        _foreign = await TrapServer.StartAsync(ct);
        _mapped = await TrapServer.StartAsync(ct);
        // The tests of a class count the requests of each; what an earlier one left is not to be looked at again meanwhile.
        _world = await OperatorWorld.StartAsync(
            ServerKind.Real, ct, ("NangoOrleans__Resync__Interval", "24h"), ("NangoOrleans__AllowedBaseUrls", $"{_listed.BaseUrl},https://nango.example.com,{_mapped.BaseUrl}/only/here"));
        var text = new JsonObject { ["token"] = OthersToken }.ToJsonString();
        await _world.Server.ApplyAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {OthersNamespace}}}}}", "", ct);
        await _world.Server.ApplyAsync($"{{apiVersion: v1, kind: Secret, metadata: {{name: token}}, stringData: {text}}}", OthersNamespace, ct);
        return _world;
    }

    /// <summary>The path below which a third server of the attacker's is listed; elsewhere on it nobody allowed anything.</summary>
    public TrapServer Mapped => _mapped!;

    /// <summary>No server of the attacker has seen a secret of the operator or of other tenants.</summary>
    public void AssertNothingLeaked()
    {
        Assert.Empty(Foreign.Requests);
        Assert.Empty(Mapped.Requests);
        Assert.DoesNotContain(Listed.Requests, IsLeak);
        Assert.DoesNotContain(_world!.Nango.Journal.Entries(), entry => entry.Body is { } body && IsLeak(body));
    }

    public async ValueTask DisposeAsync()
    {
        if (_world is not null) await _world.DisposeAsync();
        foreach (var trap in (TrapServer?[])[_listed, _foreign, _mapped])
        {
            if (trap is not null) await trap.DisposeAsync();
        }
    }

    private static bool IsLeak(string text) =>
        text.Contains(OperatorWorld.Token, StringComparison.OrdinalIgnoreCase) || text.Contains(OthersToken, StringComparison.OrdinalIgnoreCase);
}
