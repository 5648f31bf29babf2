using NangoOrleans.Testing;

namespace NangoOrleans.Abstractions.Tests.Wire;

/// <summary>The checked-in list (WireContract.txt), and how the assemblies compare with it.</summary>
internal static class WireList
{
    public const string Command = "make wire-contract";

    private const string Head = """
        # What silos of different versions say to each other during a rolling update: grain types, methods, members by id, values.
        # A test holds this list against the assemblies. "make wire-contract" adds what is new; it never changes or removes a line.
        # KEY = MEANING (name in the code, of which the wire knows nothing)
        """;

    public static string File { get; } = RepositoryFiles.In("test/Abstractions.Tests/Wire/WireContract.txt");

    public static IReadOnlyList<WireEntry> Read() =>
        [.. System.IO.File.ReadLines(File).Where(line => line.Length > 0 && line[0] != '#').Select(WireEntry.Parse)];

    /// <summary>Sentences about everything that an older silo would misunderstand.</summary>
    public static IReadOnlyList<string> FindBroken(IReadOnlyList<WireEntry> listed, IReadOnlyList<WireEntry> found)
    {
        var now = found.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
        return [.. listed.Select(entry => Judge(entry, now.GetValueOrDefault(entry.Key))).OfType<string>()];
    }

    /// <summary>What the list does not say (in these words) yet.</summary>
    public static IReadOnlyList<WireEntry> FindNew(IReadOnlyList<WireEntry> listed, IReadOnlyList<WireEntry> found) => [.. found.Except(listed)];

    /// <summary>Adds what is new. Lines that would break stay as they are, for the test to complain of.</summary>
    public static void Update()
    {
        var found = WireContract.Read();
        var listed = System.IO.File.Exists(File) ? Read() : [];
        var now = found.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
        var kept = listed.Select(entry => now.TryGetValue(entry.Key, out var same) && same.Meaning == entry.Meaning ? same : entry).ToList();
        var known = kept.Select(entry => entry.Key).ToHashSet(StringComparer.Ordinal);
        var lines = kept.Concat(found.Where(entry => !known.Contains(entry.Key))).Select(entry => entry.ToString()).Order(StringComparer.Ordinal);
        System.IO.File.WriteAllText(File, string.Join('\n', [Head, .. lines]) + "\n");
    }

    private static string? Judge(WireEntry listed, WireEntry? now)
    {
        var name = $"\"{listed.Key}\" ({listed.Name})";
        if (now is null)
            return $"{name} is gone or has another id or alias: put it back. An id is never used again for something else.";
        return now.Meaning == listed.Meaning
            ? null
            : $"{name} was {listed.Meaning} and is {now.Meaning} now: put it back, and add a new member with the next free id beside it.";
    }
}
