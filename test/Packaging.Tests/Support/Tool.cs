using System.Diagnostics;
using NangoOrleans.Testing;

namespace NangoOrleans.Packaging.Support;

/// <summary>A program that a user has: kubectl, helm, bash, dotnet.</summary>
/// <param name="Path">Its file.</param>
internal sealed record Tool(string Path)
{
    // Far beyond what any of them takes on a loaded machine.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>kubectl, named by KUBECTL or on the PATH; skips the test where there is none.</summary>
    public static Tool Kubectl => Find("KUBECTL", "kubectl");

    /// <summary>helm, named by HELM or on the PATH; skips the test where there is none.</summary>
    public static Tool Helm => Find("HELM", "helm");

    /// <summary>Runs it in the repository's folder.</summary>
    /// <returns>What it wrote on standard output.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it wrote.</exception>
    public async Task<string> RunAsync(IEnumerable<string> arguments, string input = "", params (string Name, string Value)[] environment)
    {
        var result = await TryAsync(arguments, input, environment);
        return result.Code == 0 ? result.Output : throw new InvalidOperationException($"{Path} {string.Join(' ', arguments)} ended with {result.Code}:\n{result.Output}\n{result.Error}");
    }

    /// <summary>Runs it in the repository's folder, whatever comes of it.</summary>
    public async Task<(int Code, string Output, string Error)> TryAsync(IEnumerable<string> arguments, string input = "", params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Path, arguments)
        {
            WorkingDirectory = RepositoryFiles.Root,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            var error = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static Tool Find(string variable, string name)
    {
        var named = Environment.GetEnvironmentVariable(variable);
        var found = !string.IsNullOrEmpty(named) ? named
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator).Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"There is no {name} on the PATH: install it, or name it by {variable}, to run this test.");
        return new(found!);
    }
}
