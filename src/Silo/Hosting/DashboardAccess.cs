using System.Security.Cryptography;
using System.Text;
using NangoOrleans.Kubernetes;

namespace NangoOrleans.Hosting;

/// <summary>
/// Who may look at the dashboard when it is not on loopback: whoever shows a bearer token of the cluster and may <c>get</c> the
/// non-resource URL <c>/dashboard</c>. Answers are kept for a moment, because one page makes dozens of requests.
/// </summary>
internal sealed partial class DashboardAccess(AccessReviewer reviewer, TimeProvider time, ILogger<DashboardAccess> logger) : IDisposable
{
    /// <summary>The non-resource URL that a ClusterRole names.</summary>
    public const string Url = "/dashboard";

    private const string Scheme = "Bearer ";

    // Far more than people look at a dashboard; only a flood of invented tokens gets there.
    private const int Capacity = 256;

    // Each question is one or two requests to the API server: a flood of tokens must not become a flood there.
    private const int Questions = 4;

    // As long as a revoked right still works, and as a new one does not work yet.
    private static readonly TimeSpan KeepAllowed = TimeSpan.FromSeconds(30), KeepRefused = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Verdict Verdict, DateTimeOffset Until)> _known = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _questions = new(Questions);

    private enum Verdict
    {
        Unknown,
        NotAuthenticated,
        Forbidden,
        Allowed,
    }

    /// <summary>Lets a request through, or answers it with a constant sentence.</summary>
    /// <param name="context">The request.</param>
    /// <param name="next">The dashboard.</param>
    public async Task CheckAsync(HttpContext context, RequestDelegate next)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        var verdict = ReadToken(context.Request) is { } token ? await JudgeAsync(token, context.RequestAborted) : Verdict.NotAuthenticated;
        if (verdict == Verdict.Allowed)
        {
            await next(context);
            return;
        }

        if (verdict == Verdict.NotAuthenticated) context.Response.Headers.WWWAuthenticate = "Bearer";
        var (status, text) = verdict switch
        {
            Verdict.NotAuthenticated => (StatusCodes.Status401Unauthorized, "Show a bearer token of this Kubernetes cluster.\n"),
            Verdict.Forbidden => (StatusCodes.Status403Forbidden, "You may not get the non-resource URL /dashboard of this Kubernetes cluster.\n"),
            _ => (StatusCodes.Status503ServiceUnavailable, "The Kubernetes API could not be asked who you are; try again.\n"),
        };
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <inheritdoc/>
    public void Dispose() => _questions.Dispose();

    private static string? ReadToken(HttpRequest request)
    {
        if (request.Headers.Authorization is not [{ } header] || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return null;
        var token = header[Scheme.Length..].Trim();
        return token.Length > 0 && token.All(c => c is > ' ' and <= '~') ? token : null;
    }

    private async Task<Verdict> JudgeAsync(string token, CancellationToken cancellationToken)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        if (Known(digest) is { } known) return known;
        if (!await _questions.WaitAsync(Patience, cancellationToken)) return Verdict.Unknown;
        try
        {
            // Another request of the same page may have asked meanwhile.
            return Known(digest) ?? Remember(digest, await AskAsync(token, cancellationToken));
        }
        catch (KubernetesRequestException e)
        {
            LogNotAsked(logger, e);
            return Verdict.Unknown;
        }
        finally
        {
            _questions.Release();
        }
    }

    private async Task<Verdict> AskAsync(string token, CancellationToken cancellationToken)
    {
        if (await reviewer.AuthenticateAsync(token, cancellationToken) is not { } user) return Verdict.NotAuthenticated;
        return await reviewer.IsAllowedAsync(user, "get", Url, cancellationToken) ? Verdict.Allowed : Verdict.Forbidden;
    }

    private Verdict? Known(string digest)
    {
        lock (_lock) return _known.TryGetValue(digest, out var known) && known.Until > time.GetUtcNow() ? known.Verdict : null;
    }

    private Verdict Remember(string digest, Verdict verdict)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_known.Count >= Capacity)
            {
                foreach (var old in _known.Where(one => one.Value.Until <= now).Select(one => one.Key).ToList()) _known.Remove(old);
                if (_known.Count >= Capacity) _known.Clear();
            }

            _known[digest] = (verdict, now + (verdict == Verdict.Allowed ? KeepAllowed : KeepRefused));
        }

        return verdict;
    }

    [LoggerMessage(EventId = 4, EventName = "DashboardAccessNotAsked", Level = LogLevel.Warning,
        Message = "A visitor of the dashboard was turned away, because the Kubernetes API did not answer who it is (tokenreviews and subjectaccessreviews)")]
    private static partial void LogNotAsked(ILogger logger, Exception exception);
}
