using System.Text.Json;
using System.Text.Json.Nodes;

namespace NangoOrleans.Kubernetes;

/// <summary>Whom the API server knows a bearer token to belong to; as it says so, to be asked about.</summary>
public sealed class ReviewedUser
{
    internal ReviewedUser(JsonObject info) => Info = info;

    internal JsonObject Info { get; }

    /// <summary>Never more than the name.</summary>
    public override string ToString() => (string?)Info["username"] ?? "";
}

/// <summary>Asks the API server who somebody is and what they may do (TokenReview, SubjectAccessReview).</summary>
public sealed class AccessReviewer(KubernetesTransport transport)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Finds out whose token it is.</summary>
    /// <param name="token">A bearer token of the cluster.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The user; null when the API server does not accept the token.</returns>
    /// <exception cref="KubernetesRequestException">The API server did not answer, or refuses such questions.</exception>
    public Task<ReviewedUser?> AuthenticateAsync(string token, CancellationToken cancellationToken) => SendAsync(
        "/apis/authentication.k8s.io/v1/tokenreviews",
        "tokenreviews",
        Review("authentication.k8s.io/v1", "TokenReview", new() { ["token"] = token }),
        static status => (bool?)status["authenticated"] == true && status["user"] is JsonObject user ? new ReviewedUser(user.DeepClone().AsObject()) : null,
        cancellationToken);

    /// <summary>Finds out whether a user may do something with a path that is no resource.</summary>
    /// <param name="user">The user.</param>
    /// <param name="verb">For instance <c>get</c>.</param>
    /// <param name="path">As in <c>nonResourceURLs</c> of a ClusterRole.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KubernetesRequestException">The API server did not answer, or refuses such questions.</exception>
    public Task<bool> IsAllowedAsync(ReviewedUser user, string verb, string path, CancellationToken cancellationToken) => SendAsync(
        "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        "subjectaccessreviews",
        Review("authorization.k8s.io/v1", "SubjectAccessReview", Subject(user.Info, verb, path)),
        static status => (bool?)status["allowed"] == true,
        cancellationToken);

    private static JsonObject Subject(JsonObject user, string verb, string path) => new()
    {
        ["user"] = user["username"]?.DeepClone(),
        ["uid"] = user["uid"]?.DeepClone(),
        ["groups"] = user["groups"]?.DeepClone(),
        ["extra"] = user["extra"]?.DeepClone(),
        ["nonResourceAttributes"] = new JsonObject { ["verb"] = verb, ["path"] = path },
    };

    private static JsonObject Review(string apiVersion, string kind, JsonObject spec) => new() { ["apiVersion"] = apiVersion, ["kind"] = kind, ["spec"] = spec };

    private Task<T> SendAsync<T>(string path, string resource, JsonObject review, Func<JsonObject, T> read, CancellationToken cancellationToken) => transport.SendAsync(
        new(HttpMethod.Post, path, resource) { Body = JsonSerializer.SerializeToUtf8Bytes(review), Timeout = Patience },
        json => read(JsonNode.Parse(json)?["status"] as JsonObject ?? []),
        cancellationToken);
}
