using System.CommandLine;
using System.Globalization;
using NangoOrleans.Chaos;
using NangoOrleans.Testing.ApiServers;
using NangoOrleans.Testing.Silos;

var seed = new Option<int?>("--seed") { Description = "Where all chance comes from; drawn and printed when absent." };
var minutes = new Option<double>("--minutes") { Description = "How long resources change and silos are disturbed.", DefaultValueFactory = _ => 3 };
var resources = new Option<int>("--resources") { Description = "How many resources come and go.", DefaultValueFactory = _ => 2000 };
var silos = new Option<int>("--silos") { Description = "How many silos run when nothing disturbs them.", DefaultValueFactory = _ => 3 };
var patience = new Option<double>("--patience") { Description = "Minutes that everything may take to come to rest afterwards.", DefaultValueFactory = _ => 5 };
var runs = new Option<int>("--runs") { Description = "How many seeds to run in a row, counting up from the first; ends at the first that fails.", DefaultValueFactory = _ => 1 };
var other = new Option<DirectoryInfo?>("--other-silo") { Description = "Folder with another build of the silo (artifacts/silo of an older release, say): every other start runs it." };
var logs = new Option<DirectoryInfo?>("--logs") { Description = "Folder for the logs of the silos, a folder for each seed." };
var show = new Option<bool>("--plan") { Description = "Print the plan and run nothing." };
var root = new RootCommand("Kills, freezes and adds silos and restarts the API server while resources come and go, and judges what became of them.")
{
    seed, minutes, resources, silos, patience, runs, other, logs, show,
};
other.Validators.Add(given =>
{
    if (given.GetValue(other) is { } folder && !File.Exists(Path.Combine(folder.FullName, SiloProcess.Program))) given.AddError($"{folder} holds no {SiloProcess.Program}.");
});
root.SetAction(async (parsed, ct) =>
{
    var first = parsed.GetValue(seed) ?? Random.Shared.Next(1_000_000);
    for (var next = first; next < first + parsed.GetValue(runs); next++)
    {
        var options = new ChaosOptions
        {
            Seed = next,
            Length = TimeSpan.FromMinutes(parsed.GetValue(minutes)),
            Resources = parsed.GetValue(resources),
            Silos = parsed.GetValue(silos),
            OtherSilo = parsed.GetValue(other)?.FullName,
        };
        if (parsed.GetValue(show)) await ShowAsync(options);
        else if (!await RunAsync(options, parsed, ct)) return 1;
    }

    return 0;
});
return await root.Parse(args).InvokeAsync();

async Task<bool> RunAsync(ChaosOptions options, ParseResult parsed, CancellationToken ct)
{
    if (RealApiServer.SkipReason is { } reason)
    {
        await Console.Error.WriteLineAsync(reason);
        return false;
    }

    Say(string.Create(CultureInfo.InvariantCulture, $"seed {options.Seed}, {options.Length.TotalMinutes:0.##} min, {options.Resources} resources, {options.Silos} silos{(options.OtherSilo is { } build ? $", in turns with {build}" : "")}"));
    var folder = parsed.GetValue(logs) is { } kept ? Path.Combine(kept.FullName, options.Seed.ToString(CultureInfo.InvariantCulture)) : null;
    var report = await ChaosRun.RunAsync(options, TimeSpan.FromMinutes(parsed.GetValue(patience)), folder, Say, ct);
    foreach (var line in report.Describe()) Say(line);
    foreach (var line in report.Complaints()) Say(line);

    Say(string.Create(CultureInfo.InvariantCulture, $"seed {options.Seed}: {(report.Violations.Count == 0 ? "passed" : $"{report.Violations.Count} violations")}"));
    return report.Violations.Count == 0;
}

static async Task ShowAsync(ChaosOptions options)
{
    var plan = ChaosPlan.Draw(options);
    foreach (var disruption in plan.Disruptions) await Console.Out.WriteLineAsync(disruption.ToString());
    foreach (var step in plan.Events) await Console.Out.WriteLineAsync(step.ToString());
}

static void Say(string line) => Console.WriteLine($"{TimeProvider.System.GetUtcNow():HH:mm:ss.f} {line}");
