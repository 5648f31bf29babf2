using System.CommandLine;
using System.Runtime.InteropServices;
using NangoOrleans.LocalRun;

var silo = new Option<FileInfo>("--silo") { Description = "The operator's program.", Required = true };
var current = new Option<bool>("--current-cluster") { Description = "Use the cluster of the current kubeconfig and the Nango of NANGO_TOKEN and NANGO_BASE_URL." };
var samples = new Option<bool>("--samples") { Description = "With --current-cluster: apply the sample integrations too." };
var leave = new Option<bool>("--exit-when-created") { Description = "End as soon as every sample is Created, instead of waiting for Ctrl-C." };
var root = new RootCommand("Runs the operator on this machine: with a cluster double and a fake Nango, or with your own cluster and Nango.")
{
    silo, current, samples, leave,
};
root.SetAction(async (parsed, _) =>
{
    using var stop = new CancellationTokenSource();
    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    var session = new LocalSession(parsed.GetValue(silo)!.FullName, Console.Out);
    try
    {
        await (parsed.GetValue(current)
            ? session.RunOnCurrentClusterAsync(parsed.GetValue(samples), stop.Token)
            : session.RunOnDoublesAsync(parsed.GetValue(leave), stop.Token));
        return 0;
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        return 0;
    }
    catch (LocalRunException e)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
});
return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = null });
