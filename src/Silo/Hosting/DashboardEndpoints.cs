using System.Net;
using NangoOrleans.Configuration;
using Orleans.Dashboard;

namespace NangoOrleans.Hosting;

/// <summary>The Orleans Dashboard, read-only: on loopback for whoever is on the machine, elsewhere for whom Kubernetes lets in.</summary>
internal static class DashboardEndpoints
{
    private const string Path = "/dashboard";

    /// <summary>Serves the dashboard.</summary>
    /// <param name="app">Branch of the dashboard's listener.</param>
    public static void UseOrleansDashboard(this IApplicationBuilder app)
    {
        var isLocal = IPAddress.IsLoopback(app.ApplicationServices.GetRequiredService<DashboardPortOptions>().ListenAddress!);
        app.Use(isLocal ? RefuseForeignRequests : app.ApplicationServices.GetRequiredService<DashboardAccess>().CheckAsync);
        app.UseRouting();
        app.UseEndpoints(endpoints =>
        {
            endpoints.MapGet("/", () => Results.Redirect(Path + "/"));
            endpoints.MapOrleansDashboard(Path);
        });
    }

    // A page on the internet can point a name of its own at 127.0.0.1 and have the visitor's browser read what is there.
    private static Task RefuseForeignRequests(HttpContext context, RequestDelegate next)
    {
        var host = context.Request.Host.Host.Trim('[', ']');
        var isLocal = host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out _);
        if (isLocal && HttpMethods.IsGet(context.Request.Method)) return next(context);

        context.Response.StatusCode = isLocal ? StatusCodes.Status405MethodNotAllowed : StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }
}
