using System.Text.RegularExpressions;
using NangoOrleans.Resources;
using NangoOrleans.Testing;

namespace NangoOrleans.Kubernetes.Tests.Crds;

public sealed partial class ReferencePageTests
{
    private static readonly string Whole = RepositoryFiles.Read("docs/reference.md");
    private static readonly int Environments = Whole.IndexOf("\n## Environments\n", StringComparison.Ordinal);
    private static readonly int Marks = Whole.IndexOf("\n## Marks on the resource\n", StringComparison.Ordinal);
    private static readonly int Cluster = Whole.IndexOf("\n## OrleansCluster\n", StringComparison.Ordinal);
    private static readonly string Page = Whole[..Environments] + Whole[Marks..Cluster];
    private static readonly string ClusterPart = Whole[Cluster..];
    private static readonly string EnvironmentPart = Whole[Environments..Marks];

    [Fact]
    public void The_page_lists_every_field_of_an_environment_and_no_other()
    {
        var fields = SchemaPaths.Properties(SchemaPaths.SchemaOf(SchemaPaths.ClusterEnvironment))
            .Select(property => property.Path.Replace("[]", "", StringComparison.Ordinal))
            .Where(path => path.Contains('.', StringComparison.Ordinal));

        Assert.Equal(fields.Order(StringComparer.Ordinal), FieldRow().Matches(EnvironmentPart).Select(row => row.Groups["field"].Value).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("NangoEnvironment")]
    [InlineData("ClusterNangoEnvironment")]
    public void The_page_lists_every_printer_column_of_an_environment_in_order(string kind)
    {
        var columns = SchemaPaths.DefinitionOf(kind)["spec"]!["versions"]![0]!["additionalPrinterColumns"]!.AsArray()
            .Select(column => $"{((string)column!["name"]!).ToUpperInvariant()} | {(column["priority"] is null ? "always" : "`-o wide`")}");

        Assert.Equal(columns, ColumnRow().Matches(EnvironmentPart).Select(row => row.Groups["column"].Value));
    }

    [Fact]
    public void The_page_lists_every_field_and_column_of_a_membership_table_and_no_other()
    {
        var definition = SchemaPaths.DefinitionOf("OrleansCluster");
        var fields = SchemaPaths.Properties(SchemaPaths.SchemaOf(definition))
            .Select(property => property.Path.Replace("[]", "", StringComparison.Ordinal))
            .Where(path => path.Contains('.', StringComparison.Ordinal));
        var columns = definition["spec"]!["versions"]![0]!["additionalPrinterColumns"]!.AsArray().Select(column => $"{((string)column!["name"]!).ToUpperInvariant()} | always");

        Assert.Equal(fields.Order(StringComparer.Ordinal), FieldRow().Matches(ClusterPart).Select(row => row.Groups["field"].Value).Order(StringComparer.Ordinal));
        Assert.Equal(columns, ColumnRow().Matches(ClusterPart).Select(row => row.Groups["column"].Value));
        Assert.Contains($"`{OrleansApi.ApiVersion}`", ClusterPart, StringComparison.Ordinal);
        Assert.Contains($"`{OrleansApi.SiloLeasePrefix}<", ClusterPart, StringComparison.Ordinal);
        Assert.Contains($"`{OrleansApi.ClusterLabel}`", ClusterPart, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_lists_every_field_of_the_schema_and_no_other()
    {
        var fields = SchemaPaths.Properties(SchemaPaths.Schema)
            .Select(property => property.Path.Replace("[]", "", StringComparison.Ordinal))
            .Where(path => path.Contains('.', StringComparison.Ordinal));

        Assert.Equal(fields.Order(StringComparer.Ordinal), FieldRow().Matches(Page).Select(row => row.Groups["field"].Value).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_page_lists_every_printer_column_in_order()
    {
        var columns = SchemaPaths.Definition["spec"]!["versions"]![0]!["additionalPrinterColumns"]!.AsArray()
            .Select(column => $"{((string)column!["name"]!).ToUpperInvariant()} | {(column["priority"] is null ? "always" : "`-o wide`")}");

        Assert.Equal(["NAME | always", .. columns], ColumnRow().Matches(Page).Select(row => row.Groups["column"].Value));
    }

    [Theory]
    [InlineData(NangoApi.Finalizer, "finalizer")]
    [InlineData(NangoApi.ReconcileRequestedAtAnnotation, "annotation")]
    [InlineData(NangoApi.AbsentAtAnnotation, "annotation")]
    [InlineData(NangoApi.AbsentInAnnotation, "annotation")]
    public void The_page_lists_every_mark(string mark, string kind) =>
        Assert.Contains($"| `{mark}` | {kind} |", Page, StringComparison.Ordinal);

    [GeneratedRegex(@"^\| `(?<field>(?:spec|status)\.[A-Za-z_.]+)` \| (?!meaning)", RegexOptions.Multiline)]
    private static partial Regex FieldRow();

    [GeneratedRegex(@"^\| (?<column>[A-Z-]+ \| (?:always|`-o wide`)) \|", RegexOptions.Multiline)]
    private static partial Regex ColumnRow();
}
