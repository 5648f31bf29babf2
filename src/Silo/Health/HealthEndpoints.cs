namespace NangoOrleans.Health;

/// <summary><c>/healthz</c> (the process answers) and <c>/readyz</c> (it is doing its work).</summary>
internal static class HealthEndpoints
{
    /// <summary>Adds both.</summary>
    /// <param name="endpoints">Where to add them.</param>
    public static void MapHealth(this IEndpointRouteBuilder endpoints)
    {
        // Liveness asks nothing of anybody: an outage of the API server must not restart every silo.
        endpoints.MapGet("/healthz", () => Results.Text("ok\n"));
        endpoints.MapGet("/readyz", Ready);
    }

    private static IResult Ready(IEnumerable<IReadinessCheck> checks, IHostApplicationLifetime lifetime)
    {
        List<string> reasons = [];
        if (!lifetime.ApplicationStarted.IsCancellationRequested) reasons.Add("The silo is starting.");
        if (lifetime.ApplicationStopping.IsCancellationRequested) reasons.Add("The silo is stopping.");
        foreach (var check in checks)
        {
            if (!check.IsReady(out var reason)) reasons.Add(reason);
        }

        return reasons.Count == 0
            ? Results.Text("ok\n")
            : Results.Text(string.Join('\n', reasons) + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
