using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Objects;

namespace NangoOrleans.Testing.ApiServer.Handlers;

/// <summary>TokenReview and (Self)SubjectAccessReview: the one token is valid, and whoever holds it may do everything.</summary>
internal sealed class ReviewHandler(string token)
{
    private const string Authentication = "/apis/authentication.k8s.io/v1/tokenreviews";
    private const string SelfAccess = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    private const string Access = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

    /// <returns>False when the request is no review.</returns>
    public async Task<bool> TryServeAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || http.Request.Path.Value is not (Authentication or SelfAccess or Access))
        {
            return false;
        }

        await Answer.WriteAsync(http, 201, http.Request.Path.Value switch
        {
            Authentication => Review("authentication.k8s.io/v1", "TokenReview", Authenticate((await RequestBody.ReadOptionsAsync(http.Request))["spec"].Text("token"))),
            Access => Review("authorization.k8s.io/v1", "SubjectAccessReview", Allowed()),
            _ => Review("authorization.k8s.io/v1", "SelfSubjectAccessReview", Allowed()),
        });
        return true;
    }

    /// <summary>The spec is not repeated: it may hold a token.</summary>
    private static JsonObject Review(string apiVersion, string kind, JsonObject status) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject(),
        ["spec"] = new JsonObject(),
        ["status"] = status,
    };

    private static JsonObject Allowed() => new() { ["allowed"] = true, ["reason"] = "the development API server has no RBAC" };

    private JsonObject Authenticate(string? presented) => presented == token
        ? new JsonObject
        {
            ["authenticated"] = true,
            ["user"] = new JsonObject { ["username"] = "developer", ["uid"] = "developer", ["groups"] = new JsonArray("system:masters", "system:authenticated") },
        }
        : new JsonObject { ["authenticated"] = false, ["error"] = "invalid bearer token" };
}
