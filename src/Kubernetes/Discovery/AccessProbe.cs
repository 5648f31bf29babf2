using System.Text.Json;
using System.Text.Json.Nodes;

namespace NangoOrleans.Kubernetes;

/// <summary>A right that some code needs.</summary>
/// <param name="Verb">As in a role.</param>
/// <param name="Type">On what.</param>
public sealed record RequiredAccess(string Verb, ResourceType Type)
{
    /// <summary>As messages name it.</summary>
    public override string ToString() => $"{Verb} {Type.Plural}{(Type.Group.Length == 0 ? "" : $".{Type.Group}")}";
}

/// <summary>Asks the API server which rights we have, which everybody may ask of himself.</summary>
/// <param name="transport">Connection to the API server.</param>
public sealed class AccessProbe(KubernetesTransport transport)
{
    private const string Reviews = "selfsubjectaccessreviews";

    private static readonly ResourceType Review = new("authorization.k8s.io", "v1", Reviews);

    /// <summary>Finds the rights that lack.</summary>
    /// <param name="namespace">Where they are needed.</param>
    /// <param name="required">Those that are needed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KubernetesRequestException">The API server does not answer.</exception>
    public async Task<IReadOnlyList<RequiredAccess>> FindMissingAsync(string @namespace, IEnumerable<RequiredAccess> required, CancellationToken cancellationToken)
    {
        List<RequiredAccess> missing = [];
        foreach (var access in required)
        {
            if (!await IsAllowedAsync(@namespace, access, cancellationToken)) missing.Add(access);
        }

        return missing;
    }

    private Task<bool> IsAllowedAsync(string @namespace, RequiredAccess access, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SelfSubjectAccessReview",
            ["spec"] = new JsonObject
            {
                ["resourceAttributes"] = new JsonObject
                {
                    ["namespace"] = @namespace,
                    ["verb"] = access.Verb,
                    ["group"] = access.Type.Group,
                    ["resource"] = access.Type.Plural,
                },
            },
        };
        var request = new KubernetesRequest(HttpMethod.Post, Review.CollectionPath(null), Reviews) { Body = JsonSerializer.SerializeToUtf8Bytes(body) };
        return transport.SendAsync(request, static json => IsAllowed(json), cancellationToken);
    }

    private static bool IsAllowed(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return JsonElement.ParseValue(ref reader).TryGetProperty("status", out var status)
            && status.TryGetProperty("allowed", out var allowed) && allowed.ValueKind == JsonValueKind.True;
    }
}
