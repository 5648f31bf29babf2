using System.CommandLine;
using NangoOrleans.Failures;
using NangoOrleans.Kubernetes;

namespace NangoOrleans.CommandLine;

/// <summary><c>release</c>: takes the operator's finalizer off every resource, so that they can go without it.</summary>
internal static class ReleaseCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var all = new Option<bool>("--all") { Description = "All resources; must be given." };
        var @namespace = new Option<string?>("--namespace") { Description = "Only those of this namespace.", HelpName = "N" };
        var yes = new Option<bool>("--yes") { Description = "Do it; without this they are only listed." };
        var command = new Command("release", "Takes the operator's finalizer off the resources, leaving Nango as it is. Stop the operator first: it would put them on again.") { all, @namespace, yes };
        // A switch that is left out has a value all the same, so "required" would not be noticed.
        command.Validators.Add(given =>
        {
            if (!given.GetValue(all)) given.AddError("Option '--all' is required.");
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(@namespace), parsed.GetValue(yes), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? @namespace, bool really, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        try
        {
            using var transport = new KubernetesTransport(KubernetesConnection.Load(), TimeProvider.System, new KubernetesMetrics());
            var release = new FinalizerRelease(transport);
            var found = await release.FindAsync(@namespace, cancellationToken);
            foreach (var resource in found)
            {
                if (really) await release.ReleaseAsync(resource, cancellationToken);
                await output.WriteLineAsync($"{resource.Metadata.Namespace}/{resource.Metadata.Name}{(really ? " released" : "")}");
            }

            await output.WriteLineAsync(really
                ? $"Released {found.Count}; Nango was left as it is."
                : $"{found.Count} would be released; nothing was changed. Repeat with --yes to do it.");
            return 0;
        }
        catch (Exception e) when (e is KubernetesConnectionException or KubernetesRequestException or FailureException)
        {
            await error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
