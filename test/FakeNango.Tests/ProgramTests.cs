using System.Diagnostics;

namespace NangoOrleans.FakeNango.Tests;

public sealed class ProgramTests
{
    private const string Announcement = "Fake Nango (a test double) listening on ";

    [Fact]
    public async Task The_program_announces_its_url_serves_all_keys_and_ends_on_sigterm()
    {
        using var program = Start("--port", "0", "--token", Nango.Token, "--key", $"{Nango.OtherToken}:prod:environment:integrations:list", "--rate-limit", "7");
        var line = await program.StandardOutput.ReadLineAsync(Nango.Cancellation);
        using var client = new HttpClient { BaseAddress = new(line![Announcement.Length..]) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Nango.OtherToken);

        using var listed = await client.GetAsync(new Uri("/integrations", UriKind.Relative), Nango.Cancellation);
        using var refused = await client.GetAsync(new Uri("/integrations/x", UriKind.Relative), Nango.Cancellation);
        using var kill = Process.Start("kill", ["-TERM", $"{program.Id}"]);
        await program.WaitForExitAsync(Nango.Cancellation);

        Assert.StartsWith(Announcement + "http://127.0.0.1:", line, StringComparison.Ordinal);
        Assert.Equal((200, 403), ((int)listed.StatusCode, (int)refused.StatusCode));
        Assert.Equal("7", listed.Headers.GetValues("X-RateLimit-Limit").Single());
        Assert.Equal(0, program.ExitCode);
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

        var error = await program.StandardError.ReadToEndAsync(Nango.Cancellation);
        await program.WaitForExitAsync(Nango.Cancellation);

        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.NotEqual(0, program.ExitCode);
    }

    private static Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "NangoOrleans.FakeNango.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
