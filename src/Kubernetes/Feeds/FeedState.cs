namespace NangoOrleans.Kubernetes;

/// <summary>What a feed is doing.</summary>
public enum FeedPhase
{
    /// <summary>Not started, or stopped.</summary>
    Idle,

    /// <summary>Reading a list.</summary>
    Listing,

    /// <summary>Opening or reading a watch.</summary>
    Watching,

    /// <summary>Waiting after a failure.</summary>
    BackingOff,
}

/// <summary>What a feed knows about itself at one moment.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="IsSynced">True once a complete list was delivered.</param>
/// <param name="IsConnected">True while the last exchange with the API server was good.</param>
/// <param name="LastContact">When the API server last sent anything (event, bookmark or page).</param>
/// <param name="Failures">Failures in a row.</param>
/// <param name="LastProblem">The last failure in a sentence; null when there was none since the last sync.</param>
public sealed record FeedState(FeedPhase Phase, bool IsSynced, bool IsConnected, DateTimeOffset? LastContact, int Failures, string? LastProblem);
