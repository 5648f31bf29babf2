using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using NangoOrleans.FakeNango;

var port = new Option<int>("--port") { Description = "TCP port on 127.0.0.1; 0 picks a free one.", DefaultValueFactory = _ => 0 };
var token = new Option<string?>("--token") { Description = "Secret key with full access to the environment \"dev\": a lower-case UUID v4." };
var keys = new Option<ApiKey[]>("--key")
{
    Description = "Another key as uuid:environment[:scope,scope]; repeatable. Without scopes it has full access.",
    CustomParser = argument =>
    {
        try
        {
            return [.. argument.Tokens.Select(text => ApiKey.Parse(text.Value))];
        }
        catch (FormatException e)
        {
            // The key itself stays out of the message.
            argument.AddError(e.Message);
            return [];
        }
    },
};
var rateLimit = new Option<string>("--rate-limit")
{
    Description = "Calls per minute for the account, or off; the default is that of a self-hosted Nango.",
    DefaultValueFactory = _ => "200",
};
rateLimit.Validators.Add(result =>
{
    if (result.GetValueOrDefault<string>() is not "off" and var text && !(Limit(text) > 0))
        result.AddError("--rate-limit is a positive number or off");
});
var journal = new Option<int>("--journal-size") { Description = "Calls the journal keeps.", DefaultValueFactory = _ => 200_000 };
var races = new Option<bool>("--duplicate-creates-race") { Description = "Answer losers of concurrent POSTs of one key with 500, as real Nango may." };
var root = new RootCommand("Fake Nango: a test double of Nango's REST API for integrations. Loopback only.\n"
    + "Controls: GET|DELETE /_journal, GET /_journal/summary, GET|PUT|DELETE /_faults, POST /_reset, PUT /_connections, PUT /_provider, GET /_integrations.\n"
    + $"Fault presets for PUT /_faults {{\"preset\":\"...\"}}: {string.Join(", ", FaultPresets.Names)}.")
{
    port, token, keys, rateLimit, journal, races,
};
root.Validators.Add(result =>
{
    var given = result.GetValue(token);
    if (given is null && result.GetValue(keys) is null or [])
        result.AddError("--token or --key is required");
    if (given is not null && !ApiKey.IsUuidV4(given))
        result.AddError("--token must be a UUID v4");
});
root.SetAction(async (parsed, cancellation) =>
{
    var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    await using var server = await FakeNangoServer.StartAsync(new()
    {
        Port = parsed.GetValue(port),
        Token = parsed.GetValue(token),
        Keys = parsed.GetValue(keys) ?? [],
        RateLimitPerMinute = Limit(parsed.GetValue(rateLimit)),
        JournalCapacity = parsed.GetValue(journal),
        DuplicateCreatesRace = parsed.GetValue(races),
    }, cancellation);
    await Console.Out.WriteLineAsync($"Fake Nango (a test double) listening on {server.BaseUrl}");
    await stop.Task;
    return 0;

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.TrySetResult();
    }
});
return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = null });

static int? Limit(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
