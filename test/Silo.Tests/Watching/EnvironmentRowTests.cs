using NangoOrleans.Integrations;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

/// <summary>What the index makes of resources that refer to an environment object.</summary>
public sealed class EnvironmentRowTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly EnvironmentView _view = new();
    private readonly IntegrationIndex _index = new() { IsComplete = true };
    private readonly AnyServer _access = new();

    [Fact]
    public async Task A_claim_follows_its_environment_object()
    {
        var (mine, rival) = (Add("mine", "uid-1"), Add("rival", "uid-2"));
        Assert.Null(await OwnerAsync(rival));
        _view.Complete();
        _view.Set(Environment("https://one.example.com"));

        var told = _index.UsersOf(Id).SelectMany(key => _index.Resolve(key, _view, _access)).ToHashSet();

        Assert.Equal(mine, await OwnerAsync(rival));
        // Whichever of the two came second was told to the other.
        Assert.Single(told);
        Assert.Equal(2, _index.CountOf(Id).Declared);
    }

    [Fact]
    public async Task A_namespace_that_is_not_allowed_claims_nothing()
    {
        _view.Set(Environment("https://one.example.com") with { Metadata = new ObjectMetadata { Name = "production", Uid = "uid-e" } });
        var forbidden = Add("forbidden", "uid-1", "ClusterNangoEnvironment");

        Assert.Null(await OwnerAsync(new IntegrationKey("team", "other")));
        Assert.Equal([forbidden], _index.UsersOf(new EnvironmentId("", "production")));
        Assert.Equal([forbidden], _index.EnvironmentUsersIn("team"));
        Assert.Empty(_index.EnvironmentUsersIn("others"));
    }

    [Fact]
    public void Labels_are_news_only_when_they_changed()
    {
        Assert.True(_view.SetNamespace("team", Labels("a", "1")));
        Assert.False(_view.SetNamespace("team", Labels("a", "1")));
        Assert.True(_view.SetNamespace("team", Labels("a", "2")));
        Assert.True(_view.SetNamespace("team", null));
        Assert.False(_view.SetNamespace("team", null));
    }

    private static EnvironmentId Id { get; } = new("team", "production");

    private static NangoEnvironment Environment(string baseUrl) => new()
    {
        Metadata = new ObjectMetadata { Namespace = "team", Name = "production", Uid = "uid-e" },
        Spec = new NangoEnvironmentSpec { BaseUrl = baseUrl },
    };

    private static Dictionary<string, string> Labels(string name, string value) => new(StringComparer.Ordinal) { [name] = value };

    private IntegrationKey Add(string name, string uid, string kind = "NangoEnvironment")
    {
        var resource = new NangoIntegration
        {
            Metadata = new ObjectMetadata { Namespace = "team", Name = name, Uid = uid, ResourceVersion = "1", CreationTimestamp = Noon },
            Spec = new NangoIntegrationSpec { UniqueKey = "k", Provider = "slack", DisplayName = "Slack", EnvironmentRef = new EnvironmentReference { Kind = kind, Name = "production" } },
        };
        _index.Set(IndexRow.From(resource, _view, _access, Noon));
        return new IntegrationKey("team", name);
    }

    private Task<IntegrationKey?> OwnerAsync(IntegrationKey asking) =>
        Task.FromResult(_index.FindOwner(new ClaimQuery(asking, "https://one.example.com", "k", "uid-e")).Owner);

    private sealed class AnyServer : INangoAccess
    {
        public BaseUrlAnswer CheckBaseUrl(string? baseUrl) => new(baseUrl ?? "https://api.nango.dev", null);

        public DefaultCredentialAnswer GetDefaultCredential(string @namespace, string baseUrl) => throw new NotSupportedException("A row needs no token.");
    }
}
