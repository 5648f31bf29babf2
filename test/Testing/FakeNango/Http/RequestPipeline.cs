using System.Security.Cryptography;
using System.Text;

namespace NangoOrleans.FakeNango;

/// <summary>Reads a request, lets faults and then the API decide on the answer, journals it, and sends or withholds it.</summary>
internal sealed class RequestPipeline(
    NangoApi api, NangoState state, RequestJournal journal, FaultSet faults, FakeNangoOptions options, CancellationToken stopping)
{
    private readonly TimeProvider _time = options.TimeProvider;

    public async Task InvokeAsync(HttpContext http)
    {
        var started = _time.GetTimestamp();
        var request = await RequestReader.ReadAsync(http, options.BodyLimit);
        var entry = journal.Begin(seq => Describe(seq, request));
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            var (answer, withheld) = await DecideAsync(request, gone.Token);
            journal.Complete(entry with
            {
                Status = answer?.Status,
                Outcome = withheld ? CallOutcome.Dropped : CallOutcome.Answered,
                DurationMs = _time.GetElapsedTime(started).TotalMilliseconds,
            });
            if (withheld)
                http.Abort();
            else
                await SendAsync(http, answer!);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            journal.Complete(entry with { Outcome = CallOutcome.Abandoned, DurationMs = _time.GetElapsedTime(started).TotalMilliseconds });
            http.Abort();
        }
    }

    private async Task<(Answer? Answer, bool Withheld)> DecideAsync(ApiRequest request, CancellationToken gone)
    {
        var withheld = false;
        var late = TimeSpan.Zero;
        Answer? answer = null;
        foreach (var rule in faults.Draw(request))
        {
            var delay = TimeSpan.FromMilliseconds(rule.DelayMs ?? 0);
            if (rule.Kind == FaultKind.DelayAfterResponseCommit)
                late = delay;
            else if (delay > TimeSpan.Zero)
                await Task.Delay(delay, _time, gone);
            if (rule.Kind == FaultKind.Delay)
                continue;
            if (rule.Kind == FaultKind.Drop)
                return (null, true);
            withheld = rule.Kind == FaultKind.DropAfterResponseCommit;
            if (rule.Kind is FaultKind.Status or FaultKind.Body)
                answer = FaultAnswers.Of(rule, request);
            break;
        }
        answer ??= AddETag(await api.HandleAsync(request), request);
        if (late > TimeSpan.Zero)
            await Task.Delay(late, _time, gone);
        return (answer, withheld);
    }

    private JournalEntry Describe(long seq, ApiRequest request)
    {
        var key = state.FindKey(Authenticator.SecretIn(request.Authorization ?? ""));
        return new()
        {
            Seq = seq,
            Time = _time.GetUtcNow(),
            Method = request.Method,
            Path = request.Path,
            Query = request.QueryString,
            Route = request.Route.Template,
            Key = key?.Name,
            Environment = key?.Environment,
            BodyFields = BodyFields.Of(request.Body),
            Body = options.KeepBodies ? Encoding.UTF8.GetString(request.RawBody.Span) : null,
        };
    }

    /// <summary>A GET that changed nothing for its reader is answered 304; it has cost its point by then.</summary>
    private static Answer AddETag(Answer answer, ApiRequest request)
    {
        if (answer.Status != 200 || request.Method is not ("GET" or "HEAD"))
            return answer;
        var tag = $"W/\"{answer.Body.Length:x}-{Convert.ToBase64String(SHA256.HashData(answer.Body.Span).AsSpan(0, 20))}\"";
        if (request.IfNoneMatch != tag)
            return answer.With("ETag", tag);
        var unchanged = new Answer(304, null, default).With("ETag", tag);
        unchanged.Headers.AddRange(answer.Headers);
        return unchanged;
    }

    private static async Task SendAsync(HttpContext http, Answer answer)
    {
        var response = http.Response;
        response.StatusCode = answer.Status;
        if (answer.ContentType is { } type)
            response.ContentType = type;
        if (answer.Status != 304)
            response.ContentLength = answer.Body.Length;
        response.Headers["Keep-Alive"] = "timeout=61";
        foreach (var (name, value) in answer.Headers)
            response.Headers[name] = value;
        if (answer.Status != 304)
            await response.Body.WriteAsync(answer.Body, http.RequestAborted);
    }
}
