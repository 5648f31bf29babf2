namespace NangoOrleans.Kubernetes;

/// <summary>What a feed looks at, and its patience. The times are client-go's unless said otherwise.</summary>
public sealed record FeedOptions
{
    /// <summary>The kind of resource.</summary>
    public required ResourceType Resource { get; init; }

    /// <summary>Namespace; null for the whole cluster. Several namespaces need one feed each.</summary>
    public string? Namespace { get; init; }

    /// <summary>Label selector as kubectl writes it; null for all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>True: ask for metadata only (PartialObjectMetadata), for instance for Secrets.</summary>
    public bool MetadataOnly { get; init; }

    /// <summary>Objects in a page of a list. Default 500.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>Time for one page, body included. Default 60 s.</summary>
    public TimeSpan PageTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time until a watch answers with its headers. Default 30 s.</summary>
    public TimeSpan WatchOpenTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A watch lasts between this and twice as long; the server ends it. Default 5 min.</summary>
    public TimeSpan WatchDuration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A watch without a single byte for this long is dead. Default: its own duration + 30 s.</summary>
    public TimeSpan? WatchIdleLimit { get; init; }

    /// <summary>First wait after a failure; doubles up to <see cref="BackoffLimit"/>, with jitter up to twice the value. Default 0.8 s.</summary>
    public TimeSpan BackoffStart { get; init; } = TimeSpan.FromSeconds(0.8);

    /// <summary>Longest wait before jitter. Default 30 s.</summary>
    public TimeSpan BackoffLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A watch that lasted this long makes the next failure a first one. Default 2 min.</summary>
    public TimeSpan HealthyAfter { get; init; } = TimeSpan.FromMinutes(2);
}
