namespace NangoOrleans.Credentials;

/// <summary>
/// The operator's own credential, for resources that name none (or <c>$(NANGO_TOKEN)</c>): the token of <c>NANGO_TOKEN</c>
/// or of the file <c>NANGO_TOKEN_FILE</c>, read again when it changes. The token is never logged.
/// </summary>
public sealed class DefaultCredentialSource
{
    // A rotated Secret takes up to a minute to reach the file; a second more or less does not matter, a read per resource would.
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string? _file;
    private readonly IReadOnlyList<string> _namespaces;
    private readonly TimeProvider _time;
    private string? _token;
    private long? _lastRead;

    /// <summary>A source.</summary>
    /// <param name="baseUrl">Base URL the token is meant for; it goes nowhere else.</param>
    /// <param name="token">The token itself, or null.</param>
    /// <param name="file">Path of a file that holds the token, or null.</param>
    /// <param name="namespaces">Namespaces that may use it; <c>*</c> means all.</param>
    /// <param name="time">Clock that spaces out the reads of the file.</param>
    public DefaultCredentialSource(string baseUrl, string? token, string? file, IReadOnlyList<string> namespaces, TimeProvider time)
    {
        BaseUrl = baseUrl;
        _token = Clean(token);
        _file = file;
        _namespaces = namespaces;
        _time = time;
    }

    /// <summary>Base URL the token is meant for, without trailing slash; also that of resources which name none.</summary>
    public string BaseUrl { get; }

    /// <summary>True when there is a token now.</summary>
    public bool IsAvailable => RevealToken() is not null;

    /// <summary>Whether resources of a namespace may use the credential.</summary>
    /// <param name="namespace">Namespace of the resource.</param>
    public bool IsAllowedIn(string @namespace) => _namespaces.Contains("*") || _namespaces.Contains(@namespace);

    /// <summary>The token, without surrounding blanks and line breaks; null when none is configured or its file is missing or empty.</summary>
    public string? RevealToken()
    {
        if (_file is null) return _token;

        lock (_lock)
        {
            if (_lastRead is { } last && _time.GetElapsedTime(last) < ReadAgainAfter) return _token;

            _token = ReadFile(_file);
            _lastRead = _time.GetTimestamp();
            return _token;
        }
    }

    /// <summary>Never the token.</summary>
    public override string ToString() => $"default credential for {BaseUrl}";

    // A missing file is an answer (the Secret is optional, or was taken away), so an earlier token is not kept.
    private static string? ReadFile(string path)
    {
        try
        {
            return Clean(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Clean(string? token) => token?.Trim() is { Length: > 0 } text ? text : null;
}
