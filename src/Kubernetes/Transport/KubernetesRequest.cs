namespace NangoOrleans.Kubernetes;

/// <summary>One request to the API server.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Absolute path with query, for instance <c>/api/v1/namespaces/a/secrets/b</c>; every part already escaped.</param>
/// <param name="Resource">What it is about, for messages and metrics, for instance <c>nangointegrations/status</c>.</param>
public sealed record KubernetesRequest(HttpMethod Method, string Path, string Resource)
{
    /// <summary>UTF-8 JSON to send; null for none.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Media type of <see cref="Body"/>; for PATCH it selects the kind of patch.</summary>
    public string ContentType { get; init; } = MediaTypes.Json;

    /// <summary>Accept header.</summary>
    public string Accept { get; init; } = MediaTypes.Json;

    /// <summary>Time for the whole exchange, body included, retries too. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Method and resource.</summary>
    public override string ToString() => $"{Method} {Resource}";
}

/// <summary>The media types of the Kubernetes API.</summary>
public static class MediaTypes
{
    /// <summary>Plain JSON.</summary>
    public const string Json = "application/json";

    /// <summary>RFC 7386 merge patch.</summary>
    public const string MergePatch = "application/merge-patch+json";

    /// <summary>RFC 6902 JSON patch.</summary>
    public const string JsonPatch = "application/json-patch+json";

    /// <summary>Server-side apply; JSON is valid YAML.</summary>
    public const string ApplyPatch = "application/apply-patch+yaml";

    /// <summary>Objects reduced to their metadata, where the server can.</summary>
    public const string MetadataObject = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

    /// <summary>Lists reduced to their metadata, where the server can.</summary>
    public const string MetadataList = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
}
