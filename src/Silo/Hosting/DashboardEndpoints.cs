using System.Net;
using Orleans.Dashboard;

namespace NangoOrleans.Hosting;

/// <summary>The Orleans Dashboard, read-only.</summary>
internal static class DashboardEndpoints
{
    private const string Path = "/dashboard";

    /// <summary>Serves the dashboard.</summary>
    /// <param name="app">Branch of the dashboard's listener.</param>
    public static void UseOrleansDashboard(this IApplicationBuilder app)
    {
        app.Use(RefuseForeignRequests);
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
