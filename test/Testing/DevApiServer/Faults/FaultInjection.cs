using Microsoft.AspNetCore.Http.Features;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Watching;

namespace NangoOrleans.Testing.ApiServer.Faults;

/// <summary>Applies a fault rule to one request.</summary>
internal sealed class FaultInjection(FaultPlan faults, TimeProvider clock)
{
    /// <summary>Answers the request: as usual by <c>serve</c>, unless a rule says otherwise.</summary>
    public async Task RunAsync(HttpContext http, string verb, string resource, string? name, Func<Task> serve)
    {
        if (faults.Take(verb, resource, name) is not { } rule)
        {
            await serve();
            return;
        }

        if (rule.DelayMilliseconds > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(rule.DelayMilliseconds), clock, http.RequestAborted);
        }

        if (rule.AfterEffect)
        {
            await RunAndDiscardAsync(http, serve);
        }

        await ActAsync(http, rule, resource, serve);
    }

    private async Task ActAsync(HttpContext http, FaultRule rule, string resource, Func<Task> serve)
    {
        if (rule.Drop)
        {
            http.Response.StatusCode = 0;
            http.Abort();
        }
        else if (rule.Expire is { } expiry)
        {
            await ExpireAsync(http, expiry);
        }
        else if (rule.Status is { } status)
        {
            await Answer.WriteErrorAsync(http, Refusal(status, resource, rule.RetryAfterSeconds));
        }
        else if (rule.Stall is { } where)
        {
            await StallAsync(http, where, serve);
        }
        else
        {
            await serve();
        }
    }

    private static Task ExpireAsync(HttpContext http, WatchExpiry expiry)
    {
        var problem = ApiException.Expired("too old resource version: 1 (2)");
        return expiry == WatchExpiry.HttpStatus
            ? Answer.WriteErrorAsync(http, problem)
            : Answer.WriteAsync(http, 200, WatchFrames.Error(problem));
    }

    private async Task StallAsync(HttpContext http, StallPoint where, Func<Task> serve)
    {
        var released = faults.Cleared;
        var body = await CaptureAsync(http, serve);
        var sent = where == StallPoint.HalfBody ? body.Length / 2 : 0;
        http.Response.ContentLength = body.Length;
        await http.Response.StartAsync(http.RequestAborted);
        await http.Response.Body.WriteAsync(body.AsMemory(0, sent), http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        await released.WaitAsync(http.RequestAborted);
        await http.Response.Body.WriteAsync(body.AsMemory(sent), http.RequestAborted);
    }

    private static async Task RunAndDiscardAsync(HttpContext http, Func<Task> serve)
    {
        await CaptureAsync(http, serve);
        http.Response.Headers.Clear();
    }

    private static async Task<byte[]> CaptureAsync(HttpContext http, Func<Task> serve)
    {
        using var buffer = new MemoryStream();
        var original = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(buffer));
        try
        {
            await serve();
        }
        finally
        {
            http.Features.Set(original);
        }

        return buffer.ToArray();
    }

    private static ApiException Refusal(int status, string resource, int? retryAfterSeconds)
    {
        var (reason, message) = status switch
        {
            401 => ("Unauthorized", "Unauthorized"),
            403 => ("Forbidden", $"{resource} is forbidden: injected fault"),
            404 => ("NotFound", "the server could not find the requested resource (injected fault)"),
            409 => ("Conflict", $"Operation cannot be fulfilled on {resource}: the object has been modified; please apply your changes to the latest version and try again"),
            410 => ("Expired", "The resourceVersion for the provided list is too old."),
            429 => ("TooManyRequests", "the server has received too many requests and has asked us to try again later"),
            500 => ("InternalError", "Internal error occurred: injected fault"),
            503 => ("ServiceUnavailable", "the server is currently unable to handle the request"),
            504 => ("Timeout", "the server was unable to return a response in the time allotted, but may still be processing the request"),
            _ => ((string?)null, "injected fault"),
        };
        return new ApiException(status, reason, message) { RetryAfterSeconds = retryAfterSeconds };
    }
}
