using System.Net;
using System.Text.Json.Nodes;
using NangoOrleans.Testing.ApiServer.Tests.Support;
using static NangoOrleans.Testing.ApiServer.Tests.Support.TestServer;

namespace NangoOrleans.Testing.ApiServer.Tests.Schemas;

/// <summary>The expected sentences were taken from a kube-apiserver 1.36.</summary>
public sealed class ValidationTests
{
    [Theory]
    [InlineData("""{"unique_key":""}""", "spec.unique_key: Invalid value: \"\": spec.unique_key in body should be at least 1 chars long")]
    [InlineData("""{"unique_key":"aaaaaaaaaaaaaaaaaaaaaaaaa"}""", "spec.unique_key: Too long: may not be more than 20 bytes")]
    [InlineData("""{"unique_key":"A b"}""", "spec.unique_key: Invalid value: \"A b\": spec.unique_key in body should match '^[a-z-]+$'")]
    [InlineData("""{"unique_key":"a\n"}""", "spec.unique_key: Invalid value: \"a\\n\": spec.unique_key in body should match '^[a-z-]+$'")]
    [InlineData("""{"provider":1}""", "spec.provider: Invalid value: \"integer\": spec.provider in body must be of type string: \"integer\"")]
    [InlineData("""{"retries":0}""", "spec.retries: Invalid value: 0: spec.retries in body should be greater than or equal to 1")]
    [InlineData("""{"retries":11}""", "spec.retries: Invalid value: 11: spec.retries in body should be less than or equal to 10")]
    [InlineData("""{"port":true}""", "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"environment_ref":{"kind":"C"}}""", "spec.environment_ref.kind: Unsupported value: \"C\": supported values: \"A\", \"B\"")]
    [InlineData("""{"config":{"a":1}}""", "spec.config.a: Invalid value: \"integer\": spec.config.a in body must be of type string: \"integer\"")]
    [InlineData("""{"tags":["a","a"]}""", "spec.tags[1]: Duplicate value: \"a\"")]
    [InlineData("""{"credentials":{"type":"x"}}""", "<nil>: Invalid value: \"\": \"spec.credentials\" must validate at least one schema (anyOf)")]
    [InlineData("""{"nango_token":"x","environment_ref":{}}""", "<nil>: Invalid value: \"\": \"spec\" must not validate the schema (not)")]
    public async Task Broken_rules_are_told_as_kube_apiserver_tells_them(string spec, string expected)
    {
        await using var server = await StartAsync();

        var (status, answer) = await server.SendAsync(HttpMethod.Post, Integrations, Sample.Integration("a", spec));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "Invalid"), (status, answer.Text("reason")));
        Assert.Contains(expected, answer.Causes());
    }

    [Fact]
    public async Task Missing_fields_are_required_values()
    {
        await using var server = await StartAsync();
        var item = Sample.Integration("a");
        item["spec"] = new JsonObject();

        var (_, answer) = await server.SendAsync(HttpMethod.Post, Integrations, item);

        Assert.Contains("spec.unique_key: Required value", answer.Causes());
        Assert.Contains("spec.provider: Required value", answer.Causes());
        Assert.StartsWith("NangoIntegration.nango.nango.dev \"a\" is invalid: [", answer.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Union_fields_keep_any_shape()
    {
        await using var server = await StartAsync();

        var created = await server.CreateAsync(Sample.Integration("a", """{"nango_token":{"secretKeyRef":{"name":"s","key":"k"}},"credentials":{"client_id":"plain"},"port":"http"}"""));

        Assert.Equal("k", created.Text("spec", "nango_token", "secretKeyRef", "key"));
        Assert.Equal("plain", created.Text("spec", "credentials", "client_id"));
    }

    [Fact]
    public async Task Unknown_fields_are_pruned_with_a_warning_or_refused()
    {
        await using var server = await StartAsync();
        var item = Sample.Integration("a", """{"zork":1,"environment_ref":{"name":"e","zork":2}}""");

        var pruned = await server.CreateAsync(item);
        var (status, answer) = await server.SendAsync(HttpMethod.Post, Integrations + "?fieldValidation=Strict", item);

        Assert.Null(pruned.At("spec", "zork"));
        Assert.Equal("""{"name":"e","kind":"A"}""", pruned.At("spec", "environment_ref")!.ToJsonString());
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("strict decoding error: unknown field \"spec.environment_ref.zork\", unknown field \"spec.zork\"", answer.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_immutable_field_may_be_set_once()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));

        var (status, answer) = await server.SendAsync(HttpMethod.Patch, Integrations + "/a", JsonNode.Parse("""{"spec":{"unique_key":"other"}}"""), MergePatch);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal(["spec.unique_key: Invalid value: \"other\": unique_key is immutable"], answer.Causes());
    }

    [Fact]
    public async Task Nulls_give_way_to_defaults_or_go()
    {
        await using var server = await StartAsync();

        var created = await server.CreateAsync(Sample.Integration("a", """{"base_url":null,"display_name":null}"""));

        Assert.Equal("https://api.nango.dev", created.Text("spec", "base_url"));
        Assert.False(((JsonObject)created["spec"]!).ContainsKey("display_name"));
    }

    [Fact]
    public async Task Status_is_checked_by_itself()
    {
        await using var server = await StartAsync();
        await server.CreateAsync(Sample.Integration("a"));

        var (_, answer) = await server.SendAsync(HttpMethod.Patch, Integrations + "/a/status", JsonNode.Parse("""{"status":{"last_updated":"yesterday","conditions":[{"type":"Ready"}]}}"""), MergePatch);

        Assert.Contains("status.last_updated: Invalid value: \"yesterday\": last_updated in body must be of type date-time: \"yesterday\"", answer.Causes());
        Assert.Contains("status.conditions[0].status: Required value", answer.Causes());
    }

    [Fact]
    public async Task A_definition_with_a_wrong_name_is_refused()
    {
        await using var server = await StartAsync();
        var definition = Sample.Definition();
        definition["metadata"]!["name"] = "wrong.nango.nango.dev";

        var (status, answer) = await server.SendAsync(HttpMethod.Post, Definitions, definition);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("metadata.name", answer.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_changed_definition_holds_at_once()
    {
        await using var server = await StartAsync();
        await server.MergeAsync(Definitions + "/nangointegrations.nango.nango.dev", """{"metadata":{"labels":{"x":"y"}}}""");
        var definition = await server.GetAsync(Definitions + "/nangointegrations.nango.nango.dev");
        definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!["fresh"] = new JsonObject { ["type"] = "string", ["default"] = "new" };

        await server.OkAsync(HttpMethod.Put, Definitions + "/nangointegrations.nango.nango.dev", definition);

        Assert.Equal("new", (await server.CreateAsync(Sample.Integration("a"))).Text("spec", "fresh"));
    }
}
