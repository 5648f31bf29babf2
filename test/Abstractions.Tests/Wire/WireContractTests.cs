using System.Reflection;

namespace NangoOrleans.Abstractions.Tests.Wire;

/// <summary>Old and new silos work in one cluster while a release is rolled out: what they say to each other may only grow.</summary>
public sealed class WireContractTests
{
    private const string HowToBreak =
        "\nA silo of the version before would misread it. Only what no release has contained may change freely: then delete its lines from WireContract.txt and run \""
        + WireList.Command + "\".\n";

    /// <summary>Set by the command that updates the list.</summary>
    public static bool IsUpdate => Environment.GetEnvironmentVariable("WIRE_CONTRACT_UPDATE") == "1";

    [Fact]
    public void What_an_older_silo_relies_on_is_as_it_was()
    {
        if (IsUpdate) WireList.Update();

        var broken = WireList.FindBroken(WireList.Read(), WireContract.Read());

        Assert.True(broken.Count == 0, HowToBreak + string.Join('\n', broken));
    }

    [Fact]
    public void Everything_that_goes_over_the_wire_is_on_the_list()
    {
        Assert.SkipWhen(IsUpdate, "The list is being written.");

        var added = WireList.FindNew(WireList.Read(), WireContract.Read());

        Assert.True(added.Count == 0, $"\nNew, or called otherwise in the code; if it is as it shall be, run \"{WireList.Command}\" and commit the list:\n{string.Join('\n', added)}");
    }

    [Fact]
    public void Whatever_the_wire_names_has_a_name_that_survives_renaming()
    {
        string[] nameless =
        [
            .. WireContract.Serialized.Concat(WireContract.Interfaces).Where(type => !type.IsDefined(typeof(AliasAttribute), inherit: false))
                .Select(type => $"{type}: add [Alias]"),
            .. WireContract.Interfaces.SelectMany(type => type.GetMethods()).Where(method => !method.IsDefined(typeof(AliasAttribute)))
                .Select(method => $"{method.DeclaringType}.{method.Name}: add [Alias]"),
            .. WireContract.Grains.Where(type => !type.IsDefined(typeof(GrainTypeAttribute), inherit: false)).Select(type => $"{type}: add [GrainType]"),
        ];

        Assert.Empty(nameless);
        Assert.NotEmpty(WireContract.Serialized);
        Assert.NotEmpty(WireContract.Interfaces);
        Assert.NotEmpty(WireContract.Grains);
    }

    [Fact]
    public void No_member_takes_its_id_from_its_place() => Assert.Empty(WireContract.Serialized.Where(type => !type.IsEnum).SelectMany(Implicit));

    [Theory]
    [InlineData("another id", "is gone")]
    [InlineData("another type", "was Int32 and is Int64 now")]
    [InlineData("no more", "is gone")]
    public void A_member_that_changed_is_told(string change, string expected)
    {
        var listed = WireContract.Read();
        var one = listed.First(entry => entry.Key.StartsWith("member ", StringComparison.Ordinal) && entry.Meaning == "Int32");
        var changed = change switch
        {
            "another id" => listed.Select(entry => entry == one ? one with { Key = one.Key + "9" } : entry),
            "another type" => listed.Select(entry => entry == one ? one with { Meaning = "Int64" } : entry),
            _ => listed.Where(entry => entry != one),
        };

        var told = Assert.Single(WireList.FindBroken(listed, [.. changed]));

        Assert.Contains(expected, told, StringComparison.Ordinal);
        Assert.Contains(one.Name, told, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_name_in_the_code_breaks_nothing_but_is_told()
    {
        var listed = WireContract.Read();
        WireEntry[] renamed = [.. listed.Skip(1), listed[0] with { Name = "Other" }];

        Assert.Empty(WireList.FindBroken(listed, renamed));
        Assert.Equal("Other", Assert.Single(WireList.FindNew(listed, renamed)).Name);
        Assert.Equal(listed[0], WireEntry.Parse(listed[0].ToString()));
    }

    // The parameters of a record become members with ids of their own if the properties carry none.
    private static IEnumerable<string> Implicit(Type type)
    {
        var parameters = type.GetConstructors().SelectMany(constructor => constructor.GetParameters()).Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
        return type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .Where(property => parameters.Contains(property.Name) && !property.IsDefined(typeof(IdAttribute)))
            .Select(property => $"{type}.{property.Name}: add [property: Id(n)]");
    }
}
