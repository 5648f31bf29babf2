using System.Text.Json;

namespace NangoOrleans.FakeNango;

/// <summary>A request read to its end.</summary>
internal sealed record ApiRequest
{
    public required string Method { get; init; }

    /// <summary>Still percent-encoded.</summary>
    public required string Path { get; init; }

    public required string QueryString { get; init; }

    public required Route Route { get; init; }

    public string? Authorization { get; init; }

    public string? ContentType { get; init; }

    public string? IfNoneMatch { get; init; }

    public bool BodyTooLarge { get; init; }

    /// <summary>Why the body is not JSON; null when it is, or when its content type says that nobody looks.</summary>
    public string? JsonFault { get; init; }

    /// <summary>The parsed body; null stands for JavaScript's undefined.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>The body as received (inflated).</summary>
    public ReadOnlyMemory<byte> RawBody { get; init; }
}
