using System.Diagnostics;

namespace NangoOrleans.FakeNango.Tests;

public sealed class ProgramTests
{
    private const string Announcement = "Fake Nango (a test double) listening on ";

    [Fact]
    public async Task The_program_announces_its_url_serves_all_keys_and_ends_on_sigterm()
    {
        using var program = Start("--port", "0", "--token", Nango.Token, "--key", $"{Nango.OtherToken}:prod:environment:integrations:list", "--rate-limit", "7");
        var line = await program.Process.StandardOutput.ReadLineAsync(Nango.Cancellation);
        using var client = new HttpClient { BaseAddress = new(line![Announcement.Length..]) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Nango.OtherToken);

        using var listed = await client.GetAsync(new Uri("/integrations", UriKind.Relative), Nango.Cancellation);
        using var refused = await client.GetAsync(new Uri("/integrations/x", UriKind.Relative), Nango.Cancellation);
        using var kill = Process.Start("kill", ["-TERM", $"{program.Process.Id}"]);
        await program.Process.WaitForExitAsync(Nango.Cancellation);

        Assert.StartsWith(Announcement + "http://127.0.0.1:", line, StringComparison.Ordinal);
        Assert.Equal((200, 403), ((int)listed.StatusCode, (int)refused.StatusCode));
        Assert.Equal("7", listed.Headers.GetValues("X-RateLimit-Limit").Single());
        Assert.Equal(0, program.Process.ExitCode);
    }

    [Theory]
    [InlineData("--rate-limit off", null)]
    [InlineData("", "200")]
    public async Task The_rate_limit_is_that_of_a_self_hosted_nango_unless_off(string options, string? limit)
    {
        using var program = Start(["--token", Nango.Token, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        var line = await program.Process.StandardOutput.ReadLineAsync(Nango.Cancellation);
        using var client = new HttpClient { BaseAddress = new(line![Announcement.Length..]) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Nango.Token);

        using var listed = await client.GetAsync(new Uri("/integrations", UriKind.Relative), Nango.Cancellation);
        Assert.Equal(200, (int)listed.StatusCode);
        Assert.Equal(limit, listed.Headers.TryGetValues("X-RateLimit-Limit", out var values) ? values.Single() : null);
    }

    [Theory]
    [InlineData("--token not-a-uuid", "UUID v4")]
    [InlineData($"--token {Nango.Token} --key {Nango.OtherToken}", "uuid-v4:environment")]
    [InlineData($"--token {Nango.Token} --rate-limit many", "positive number or off")]
    [InlineData($"--token {Nango.Token} --rate-limit 0", "positive number or off")]
    [InlineData("--port 0", "--token or --key is required")]
    public async Task Bad_options_are_explained(string options, string message)
    {
        using var program = Start(options.Split(' '));

        var error = await program.Process.StandardError.ReadToEndAsync(Nango.Cancellation);
        await program.Process.WaitForExitAsync(Nango.Cancellation);

        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.NotEqual(0, program.Process.ExitCode);
    }

    private static RunningProgram Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "NangoOrleans.FakeNango.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return new(Process.Start(start)!);
    }

    /// <summary>Does not outlive its test.</summary>
    private sealed class RunningProgram(Process process) : IDisposable
    {
        public Process Process { get; } = process;

        public void Dispose()
        {
            if (!Process.HasExited)
                Process.Kill();
            Process.Dispose();
        }
    }
}
