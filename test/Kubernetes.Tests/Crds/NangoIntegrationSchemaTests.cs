using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Crds;

public sealed class NangoIntegrationSchemaTests(SharedApiServer servers)
{
    private const string Names = "unique_key: k, provider: p, display_name: d";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Examples => [.. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(n => n.StartsWith("Examples/", StringComparison.Ordinal))];

    public static TheoryData<string> Samples =>
        [.. Directory.GetFiles(RepositoryFiles.In("k8s/samples"), "*.yaml").Select(p => Path.GetFileName(p)!).Where(n => n != "kustomization.yaml")];

    [Theory, MemberData(nameof(Examples))]
    public async Task An_example_of_the_original_is_accepted_as_it_stands(string example)
    {
        using var file = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(example)!);
        var manifest = YamlDocuments.Parse(await file.ReadToEndAsync(Cancel)).Single();
        await using var integrations = await OpenAsync();

        var stored = await integrations.CreateAsync(manifest);

        Assert.True(JsonNode.DeepEquals(manifest["spec"], stored["spec"]));
    }

    [Theory, MemberData(nameof(Samples))]
    public async Task A_sample_is_accepted_and_nothing_of_it_is_dropped(string sample)
    {
        var manifests = YamlDocuments.Parse(RepositoryFiles.Read($"k8s/samples/{sample}"));
        await using var integrations = await OpenAsync();

        foreach (var manifest in manifests.Where(m => (string?)m["kind"] == "NangoIntegration"))
        {
            var stored = await integrations.CreateAsync(manifest);
            Assert.True(JsonNode.DeepEquals(manifest["spec"], stored["spec"]));
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("{value: inside}")]
    [InlineData("{secretKeyRef: {name: s, key: k}}")]
    [InlineData("{secretKeyRef: {name: s, key: k, optional: true}}")]
    public async Task A_sensitive_value_is_kept_in_each_of_its_forms(string form)
    {
        var manifest = Manifest(
            $"{{{Names}, nango_token: {form}, credentials: {{type: CUSTOM, client_id: {form}, client_secret: {form}, "
            + $"webhook_secret: {form}, app_id: {form}, app_link: l, private_key: {form}}}}}");
        await using var integrations = await OpenAsync();

        var stored = await integrations.CreateAsync(manifest);

        Assert.True(JsonNode.DeepEquals(manifest["spec"], stored["spec"]));
    }

    // What the original's CRD accepted, both with string fields and with the later object form, must stay acceptable.
    [Theory]
    [InlineData($"{{{Names}, credentials: {{type: whatever, client_id: '', client_secret: ''}}}}")]
    [InlineData($"{{{Names}, credentials: {{type: APP, client_id: a, client_secret: b}}}}")]
    [InlineData($"{{{Names}, credentials: {{type: CUSTOM, client_id: a, client_secret: b}}, nango_token: '', nango_base_url: 'not a url'}}")]
    [InlineData("{unique_key: '', provider: 'a b', display_name: '', credentials: {type: '', client_id: {}, client_secret: {value: x, secretKeyRef: {key: k}}, scopes: 'a b'}}")]
    public async Task What_the_original_accepted_is_accepted(string spec)
    {
        await using var integrations = await OpenAsync();

        await integrations.CreateAsync(Manifest(spec));
    }

    [Theory]
    [InlineData("{provider: p, display_name: d}", "unique_key")]
    [InlineData("{unique_key: k, display_name: d}", "provider")]
    [InlineData("{unique_key: k, provider: p}", "display_name")]
    [InlineData($"{{{Names}, credentials: {{client_id: a, client_secret: b}}}}", "credentials.type")]
    [InlineData($"{{{Names}, credentials: {{type: OAUTH2, client_id: a}}}}", "credentials.client_secret")]
    [InlineData($"{{{Names}, credentials: {{type: OAUTH1, client_secret: a}}}}", "credentials.client_id")]
    [InlineData($"{{{Names}, credentials: {{type: TBA}}}}", "credentials.client_id", "credentials.client_secret")]
    [InlineData($"{{{Names}, credentials: {{type: CUSTOM, app_id: a, app_link: b, private_key: c}}}}", "credentials.client_id", "credentials.client_secret")]
    [InlineData($"{{{Names}, credentials: {{type: APP, app_id: a, app_link: b}}}}", "credentials.private_key")]
    [InlineData($"{{{Names}, credentials: {{type: APP}}}}", "credentials.app_id", "credentials.app_link", "credentials.private_key")]
    [InlineData($"{{{Names}, credentials: {{type: OAUTH2, secret_ref: {{}}}}}}", "credentials.secret_ref.name")]
    [InlineData($"{{{Names}, environment_ref: {{kind: NangoEnvironment, name: e}}, nango_token: t}}", "nango_token")]
    [InlineData($"{{{Names}, environment_ref: {{kind: NangoEnvironment, name: e}}, nango_base_url: u}}", "nango_base_url")]
    [InlineData($"{{{Names}, environment_ref: {{kind: Other, name: e}}}}", "environment_ref.kind")]
    [InlineData($"{{{Names}, environment_ref: {{kind: NangoEnvironment}}}}", "environment_ref.name")]
    [InlineData($"{{{Names}, deletion_policy: Maybe}}", "deletion_policy")]
    [InlineData($"{{{Names}, adoption_policy: Maybe}}", "adoption_policy")]
    [InlineData($"{{{Names}, mode: Maybe}}", "mode")]
    [InlineData($"{{{Names}, resync_interval: often}}", "resync_interval")]
    public async Task A_wrong_spec_is_refused_by_a_message_that_names_the_field(string spec, params string[] fields)
    {
        await using var integrations = await OpenAsync();

        using var answer = await integrations.PostAsync(Manifest(spec));

        var message = (string)(await answer.Content.ReadFromJsonAsync<JsonObject>(Cancel))!["message"]!;
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.All(fields, field => Assert.Matches($@"spec\.{field.Replace(".", @"\.", StringComparison.Ordinal)}\b", message));
    }

    [Theory]
    [InlineData($"{{{Names}}}")]
    [InlineData($"{{{Names}, environment_ref: {{kind: ClusterNangoEnvironment, name: e}}}}")]
    [InlineData($"{{{Names}, credentials: {{type: OAUTH2, secret_ref: {{name: s}}}}}}")]
    [InlineData($"{{{Names}, credentials: {{type: APP, secret_ref: {{name: s}}}}}}")]
    [InlineData($"{{{Names}, credentials: {{type: APP, app_id: '1', app_link: l, private_key: p}}}}")]
    public async Task A_right_spec_is_accepted(string spec)
    {
        await using var integrations = await OpenAsync();

        await integrations.CreateAsync(Manifest(spec));
    }

    [Theory]
    [InlineData("unique_key")]
    [InlineData("provider")]
    public async Task An_immutable_field_cannot_be_changed(string field)
    {
        await using var integrations = await OpenAsync();
        await integrations.CreateAsync(Manifest($"{{{Names}}}"));

        using var refused = await integrations.PatchAsync(new JsonObject { ["spec"] = new JsonObject { [field] = "other" } });
        using var accepted = await integrations.PatchAsync(new JsonObject { ["spec"] = new JsonObject { ["display_name"] = "other" } });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains($"{field} cannot be changed", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.True(accepted.IsSuccessStatusCode);
    }

    [Fact]
    public async Task An_object_nobody_has_looked_at_says_so_in_its_status()
    {
        await using var integrations = await OpenAsync();

        await integrations.CreateAsync(Manifest($"{{{Names}}}"));

        var stored = await integrations.GetAsync();
        Assert.Equal("""{"observedGeneration":-1}""", stored["status"]!.ToJsonString());
    }

    [Fact]
    public async Task A_status_with_every_field_is_kept_and_leaves_the_generation_alone()
    {
        await using var integrations = await OpenAsync();
        var created = await integrations.CreateAsync(Manifest($"{{{Names}}}"));
        var status = SchemaPaths.Sample(SchemaPaths.Schema["properties"]!["status"]!.AsObject());

        using var answer = await integrations.PatchAsync(new JsonObject { ["status"] = status.DeepClone() }, "/status");

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        var stored = await integrations.GetAsync();
        Assert.True(JsonNode.DeepEquals(status, stored["status"]), stored["status"]!.ToJsonString());
        Assert.Equal((long)created["metadata"]!["generation"]!, (long)stored["metadata"]!["generation"]!);
    }

    [Fact]
    public async Task The_table_has_the_documented_columns()
    {
        await using var integrations = await OpenAsync();
        await integrations.CreateAsync(Manifest($"{{{Names}}}"));

        var table = await integrations.TableAsync();

        var columns = table["columnDefinitions"]!.AsArray().Select(c => ((string)c!["name"]!, (int)c["priority"]!));
        Assert.Equal(
            [("Name", 0), ("Key", 0), ("Provider", 0), ("Ready", 0), ("Status", 0), ("Age", 0), ("Reason", 1), ("Environment", 1), ("Updated", 1)],
            columns);
        Assert.Equal(["test", "k", "p"], table["rows"]![0]!["cells"]!.AsArray().Take(3).Select(cell => (string)cell!));
    }

    [Theory]
    [InlineData("spec.provider=p", 1)]
    [InlineData("spec.unique_key=k", 1)]
    [InlineData("spec.provider=other", 0)]
    public async Task Provider_and_key_can_be_selected_by(string selector, int expected)
    {
        await using var integrations = await OpenAsync();
        await integrations.CreateAsync(Manifest($"{{{Names}}}"));

        Assert.Equal(expected, (await integrations.ListAsync(selector)).Count);
    }

    private static JsonObject Manifest(string spec) => YamlDocuments.Parse(
        new StringBuilder("apiVersion: nango.nango.dev/v1alpha1\nkind: NangoIntegration\nmetadata: {name: test}\nspec: ").Append(spec).ToString()).Single();

    private async Task<IntegrationsClient> OpenAsync()
    {
        Assert.SkipWhen(RealApiServer.SkipReason is not null, RealApiServer.SkipReason ?? "");
        return await IntegrationsClient.OpenAsync(await servers.GetAsync(Cancel), Cancel);
    }
}
