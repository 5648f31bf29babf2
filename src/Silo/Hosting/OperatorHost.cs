using NangoOrleans.Configuration;
using NangoOrleans.Credentials;
using NangoOrleans.Health;
using NangoOrleans.Logging;
using NangoOrleans.Watching;

namespace NangoOrleans.Hosting;

/// <summary>The running operator: configuration, checks, silo, endpoints, and an orderly end.</summary>
internal static partial class OperatorHost
{
    // Time for grains to finish what they do to Nango; k8s/ gives the pod 30 s more than this.
    internal static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Runs until told to stop.</summary>
    /// <param name="portsFile">File that receives the ports in use, or null.</param>
    /// <param name="error">Receives one sentence for each reason not to run.</param>
    /// <returns>Exit code: 0 when stopped by a signal, else 1.</returns>
    public static async Task<int> RunAsync(string? portsFile, TextWriter error)
    {
        using var stop = new StopSignals();
        try
        {
            var problems = await RunAsync(portsFile, stop.Token);
            foreach (var problem in problems) await error.WriteLineAsync(problem);
            return problems.Count == 0 ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e)
        {
            await error.WriteLineAsync(StartupFailure.Describe(e));
            return 1;
        }
    }

    private static async Task<IReadOnlyList<string>> RunAsync(string? portsFile, CancellationToken stop)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddJsonFile("appsettings.json", optional: true, reloadOnChange: false).AddEnvironmentVariables();
        var (settings, problems) = OperatorSettings.Read(builder.Configuration);
        if (problems.Count > 0) return problems;

        problems = [.. SiloPorts.FindTaken(settings)];
        if (problems.Count > 0) return problems;

        var ports = SiloPorts.Choose(settings);
        await using var app = Build(builder, settings, ports);
        if (await app.Services.GetRequiredService<StartupChecks>().FindProblemAsync(stop) is { } problem) return [problem];

        await app.StartAsync(stop);
        Announce(app, settings, ports, portsFile);
        await StopWhenToldAsync(app);
        return FindReasons(app.Services);
    }

    private static async Task StopWhenToldAsync(WebApplication app)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = app.Lifetime.ApplicationStopping.Register(told.SetResult);
        await told.Task;
        await app.StopAsync(app.Services.GetRequiredService<HandOverLimit>().Over);
    }

    private static WebApplication Build(WebApplicationBuilder builder, OperatorSettings settings, SiloPorts ports)
    {
        var listeners = new Listeners();
        LoggingSetup.Configure(builder.Logging, builder.Configuration, isTerminal: !Console.IsOutputRedirected);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => listeners.AddTo(kestrel, settings.Options));
        builder.Services.AddRouting();
        builder.Services.AddMetricCollection();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddSingleton(listeners);
        builder.Services.AddSingleton<OperatorExit>();
        builder.Services.AddSingleton<HandOverLimit>();
        builder.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<HandOverLimit>());
        builder.Services.AddSingleton<DashboardAccess>();
        builder.AddSilo(settings, ports);
        builder.Services.AddOperator(settings);

        var app = builder.Build();
        // Nobody else asks for it.
        app.Services.GetRequiredService<WorkMetrics>();
        listeners.Http.Map(app, branch => branch.UseRouting().UseEndpoints(endpoints =>
        {
            endpoints.MapHealth();
            endpoints.MapPrometheusScrapingEndpoint("/metrics");
        }));
        listeners.Dashboard.Map(app, branch => branch.UseOrleansDashboard());
        return app;
    }

    private static void Announce(WebApplication app, OperatorSettings settings, SiloPorts ports, string? portsFile)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OperatorHost));
        if (settings is { Environment.IsPod: true, Pod: null }) LogSingleSiloInPod(logger);

        var credential = app.Services.GetRequiredService<DefaultCredentialSource>();
        LogDefaultCredential(logger, credential.BaseUrl, credential.IsAvailable ? "available" : "none (NANGO_TOKEN or NANGO_TOKEN_FILE)");

        var listeners = app.Services.GetRequiredService<Listeners>();
        var announcement = new PortAnnouncement(listeners.Http.Port, listeners.Dashboard.Port, ports.Silo, ports.Gateway);
        LogListening(logger, announcement.Http, announcement.Dashboard, announcement.Silo, announcement.Gateway);
        if (portsFile is not null) announcement.Write(portsFile);
    }

    // The host ends quietly when a background service fails: only here does that become an exit code.
    private static IReadOnlyList<string> FindReasons(IServiceProvider services)
    {
        if (services.GetRequiredService<OperatorExit>().Problem is { } problem) return [problem];

        return [.. services.GetServices<IHostedService>().OfType<BackgroundService>()
            .Select(service => (service.GetType().Name, service.ExecuteTask?.Exception?.InnerException))
            .Where(failed => failed.InnerException is not null)
            .Select(failed => $"{failed.Name} ended with an error: {failed.InnerException!.Message}")];
    }
}
