using System.CommandLine;
using NangoOrleans.Hosting;
using NangoOrleans.Kubernetes.Crds;

namespace NangoOrleans.CommandLine;

/// <summary>The command line.</summary>
internal static class OperatorCommand
{
    /// <summary>Carries out a command line.</summary>
    /// <param name="args">Its words.</param>
    /// <returns>Exit code.</returns>
    public static Task<int> RunAsync(string[] args)
    {
        // The host has its own time limit for an orderly end; the default here would cut it off after 2 s.
        var configuration = new InvocationConfiguration { ProcessTerminationTimeout = null };
        return Create().Parse(args).InvokeAsync(configuration);
    }

    private static RootCommand Create()
    {
        var portsFile = new Option<string?>("--ports-file")
        {
            Description = "Write the ports in use to this file, as JSON, once everything listens.",
            HelpName = "FILE",
        };
        var root = new RootCommand("Runs the Nango integration operator. Settings come from appsettings.json and the environment (NangoOrleans__…).")
        {
            portsFile,
            CreateCrd(),
            ReleaseCommand.Create(),
        };
        root.SetAction((parsed, _) => OperatorHost.RunAsync(parsed.GetValue(portsFile), parsed.InvocationConfiguration.Error));
        return root;
    }

    private static Command CreateCrd()
    {
        var compat = new Option<bool>("--compat") { Description = "Leave out keywords newer than Kubernetes 1.19." };
        var directory = new Option<string?>("--directory") { Description = "Write one file for each definition to this folder instead.", HelpName = "FOLDER" };
        var crd = new Command("crd", "Prints the definitions of the custom resources, for kubectl apply -f -.") { compat, directory };
        crd.SetAction(parsed =>
        {
            if (parsed.GetValue(directory) is not { } folder) parsed.InvocationConfiguration.Output.Write(CustomResourceDefinitions.Render(parsed.GetValue(compat)));
            else WriteFiles(folder);
        });
        return crd;
    }

    private static void WriteFiles(string folder)
    {
        foreach (var (name, text) in CustomResourceDefinitions.Files()) File.WriteAllText(Path.Combine(folder, name), text);
    }
}
