using System.Reflection;
using System.Xml.Linq;
using NangoOrleans.Testing;
using NetArchTest.Rules;

namespace NangoOrleans.Abstractions.Tests.Architecture;

public sealed class DependencyTests
{
    // Everything a project may reach, directly or through others. Dependencies point down only.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Abstractions"] = [],
        ["Nango"] = ["Abstractions"],
        ["Kubernetes"] = ["Abstractions"],
        ["Grains"] = ["Abstractions"],
        ["Clustering"] = ["Abstractions", "Kubernetes"],
        ["Silo"] = ["Abstractions", "Clustering", "Grains", "Kubernetes", "Nango"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Fact]
    public void Every_project_has_its_place() => Assert.Equal(
        Allowed.Keys.Order(StringComparer.Ordinal),
        Directory.GetDirectories(RepositoryFiles.In("src")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Projects))]
    public void A_project_reaches_only_what_lies_below_it(string project) =>
        Assert.Empty(Reached(project).Except(Allowed[project], StringComparer.Ordinal));

    [Theory, MemberData(nameof(Projects))]
    public void An_assembly_uses_only_what_lies_below_it(string project)
    {
        const string Prefix = "NangoOrleans.";
        var used = Assembly.Load(Prefix + project).GetReferencedAssemblies()
            .Select(name => name.Name!).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => name[Prefix.Length..]);

        Assert.Empty(used.Except(Allowed[project], StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Abstractions", "k8s", "System.Net.Http", "Microsoft.AspNetCore")]
    [InlineData("Grains", "k8s", "System.Net.Http", "Microsoft.AspNetCore")]
    [InlineData("Nango", "k8s", "Microsoft.AspNetCore")]
    [InlineData("Clustering", "NangoOrleans.Nango", "NangoOrleans.Integrations", "NangoOrleans.Resources.NangoIntegration")]
    public void A_layer_does_not_speak_of_what_is_not_its_business(string project, params string[] foreign)
    {
        var result = Types.InAssembly(Assembly.Load($"NangoOrleans.{project}")).ShouldNot().HaveDependencyOnAny(foreign).GetResult();

        Assert.True(result.IsSuccessful, $"{project}: {string.Join(", ", result.FailingTypeNames ?? [])}");
    }

    private static HashSet<string> Reached(string project)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        foreach (var direct in ProjectReferences(project))
        {
            reached.Add(direct);
            reached.UnionWith(Reached(direct));
        }

        return reached;
    }

    private static IEnumerable<string> ProjectReferences(string project) =>
        XDocument.Load(RepositoryFiles.In($"src/{project}/NangoOrleans.{project}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/'))["NangoOrleans.".Length..]);
}
