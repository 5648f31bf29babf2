using NangoOrleans.Failures;
using NangoOrleans.Resources;
using NangoOrleans.Testing;
using NangoOrleans.Testing.ApiServers;

namespace NangoOrleans.Kubernetes.Tests.Stores;

public sealed class IntegrationStoreTests(SharedApiServer servers)
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 4, 12, 0, 0, TimeSpan.FromHours(2));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static NangoIntegrationStatus Status => new()
    {
        Status = IntegrationPhase.Created,
        ErrorMessage = "",
        IntegrationId = "slack",
        ObservedGeneration = 1,
        LastUpdated = Noon,
        NextRetryTime = Noon.AddMinutes(5),
        Attempts = 2,
        ObservedSecrets = [new() { Name = "s", Uid = "u", ResourceVersion = "7" }],
        Nango = new() { CreatedAt = "2026-01-01T00:00:00.000Z", Connections = 3 },
        Conditions = [new() { Type = ConditionTypes.Ready, Status = "True", Reason = Reasons.Created, Message = "All is well.", ObservedGeneration = 1, LastTransitionTime = Noon }],
    };

    [Fact]
    public async Task Resource_is_read_with_its_inline_secret()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await cluster.ApplyAsync("a", more: ", nango_token: hush, credentials: {type: OAUTH2, client_id: {value: id}, client_secret: x}");

        var read = await new IntegrationStore(cluster.Transport).GetAsync(cluster.Key("a"), Cancel);

        Assert.Equal("hush", read!.Spec!.NangoToken!.Reveal());
        Assert.Equal("id", read.Spec.Credentials!.ClientId!.Reveal());
        Assert.Equal(-1, read.Status!.ObservedGeneration);
        Assert.True(read.Redact().Spec!.NangoToken!.IsRedacted);
    }

    [Fact]
    public async Task Missing_resource_is_null_or_false_never_a_failure()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var store = new IntegrationStore(cluster.Transport);
        var gone = await cluster.ApplyAsync("gone");
        await cluster.DeleteAsync("gone");

        Assert.Null(await store.GetAsync(cluster.Key("gone"), Cancel));
        Assert.Null(await store.AddFinalizerAsync(gone, null, Cancel));
        Assert.Null(await store.RemoveFinalizerAsync(gone, Cancel));
        Assert.Null(await store.ReplaceStatusAsync(gone, Status, Cancel));
    }

    [Fact]
    public async Task Release_takes_our_finalizer_off_what_carries_it_and_leaves_that_of_others()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var store = new IntegrationStore(cluster.Transport);
        await store.AddFinalizerAsync(await cluster.ApplyAsync("marked"), null, Cancel);
        await cluster.ApplyAsync("bare");
        var release = new FinalizerRelease(cluster.Transport);

        var found = Assert.Single(await release.FindAsync(cluster.Key("marked").Namespace, Cancel));
        // It moved on since it was listed.
        await store.ReplaceStatusAsync((await store.GetAsync(cluster.Key("marked"), Cancel))!, Status, Cancel);
        await release.ReleaseAsync(found, Cancel);

        Assert.Equal("marked", found.Metadata.Name);
        Assert.False((await store.GetAsync(cluster.Key("marked"), Cancel))!.HasFinalizer);
        Assert.Empty(await release.FindAsync(cluster.Key("marked").Namespace, Cancel));
    }

    [Fact]
    public async Task A_definition_that_stays_is_said_to_stay()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var reader = new DefinitionReader(cluster.Transport);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => reader.IsBeingDeletedAsync(Cancel)));

        Assert.All(answers, Assert.False);
        Assert.False(await reader.IsBeingDeletedAsync(Cancel));
    }

    [Fact]
    public async Task Finalizer_goes_on_beside_others_with_annotations_and_off_again()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var store = new IntegrationStore(cluster.Transport);
        await cluster.ApplyManifestAsync("""
            apiVersion: nango.nango.dev/v1alpha1
            kind: NangoIntegration
            metadata: {name: a, finalizers: [other.dev/x], annotations: {other.dev/note: keep}}
            spec: {unique_key: a, provider: slack, display_name: A}
            """);
        var seen = (await store.GetAsync(cluster.Key("a"), Cancel))!;

        var marked = (await store.AddFinalizerAsync(seen, new Dictionary<string, string> { [NangoApi.AbsentAtAnnotation] = "now" }, Cancel))!;
        Assert.Equal(["other.dev/x", NangoApi.Finalizer], marked.Metadata.Finalizers);
        Assert.Equal(new Dictionary<string, string> { [NangoApi.AbsentAtAnnotation] = "now" }, marked.Metadata.Annotations);

        Assert.NotNull(await store.RemoveFinalizerAsync(marked, Cancel));
        var after = await cluster.ReadAsync(ResourceType.NangoIntegrations.ObjectPath(cluster.Namespace, "a"));
        Assert.Equal("other.dev/x", Assert.Single(after.GetProperty("metadata").GetProperty("finalizers").EnumerateArray()).GetString());
        Assert.Equal("keep", after.GetProperty("metadata").GetProperty("annotations").GetProperty("other.dev/note").GetString());
    }

    [Fact]
    public async Task Removing_the_last_finalizer_of_a_deleting_resource_lets_it_go()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var store = new IntegrationStore(cluster.Transport);
        await store.AddFinalizerAsync(await cluster.ApplyAsync("a"), null, Cancel);
        await cluster.DeleteAsync("a");
        var deleting = (await store.GetAsync(cluster.Key("a"), Cancel))!;
        Assert.True(deleting.IsDeleting);

        Assert.NotNull(await store.RemoveFinalizerAsync(deleting, Cancel));

        Assert.Null(await store.GetAsync(cluster.Key("a"), Cancel));
    }

    [Fact]
    public async Task Whole_status_is_applied_and_read_back_the_same()
    {
        using var cluster = await RealCluster.JoinAsync(servers);

        var applied = await new IntegrationStore(cluster.Transport).ReplaceStatusAsync(await cluster.ApplyAsync("a"), Status, Cancel);

        Assert.Equivalent(Status, applied!.Status);
        var raw = (await cluster.ReadAsync(ResourceType.NangoIntegrations.ObjectPath(cluster.Namespace, "a"))).GetProperty("status");
        Assert.Equal("2026-05-04T10:00:00Z", raw.GetProperty("last_updated").GetString());
        Assert.Equal("2026-05-04T10:00:00Z", raw.GetProperty("conditions")[0].GetProperty("lastTransitionTime").GetString());
    }

    [Fact]
    public async Task Field_left_out_of_the_next_status_is_removed()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var store = new IntegrationStore(cluster.Transport);
        var first = (await store.ReplaceStatusAsync(await cluster.ApplyAsync("a"), Status, Cancel))!;

        var second = await store.ReplaceStatusAsync(first, Status with { NextRetryTime = null, Attempts = null, Nango = null, Conditions = [] }, Cancel);

        Assert.True(second!.Status is { NextRetryTime: null, Attempts: null, Nango: null, IntegrationId: "slack", Conditions: [] });
    }

    [Fact]
    public async Task What_others_put_into_the_status_goes_with_one_write_and_an_equal_status_is_no_write()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var store = new IntegrationStore(cluster.Transport);
        var first = (await store.ReplaceStatusAsync(await cluster.ApplyAsync("a"), Status with { NextRetryTime = null }, Cancel))!;
        var body = """{"status":{"next_retry_time":"2099-01-01T00:00:00Z","integration_id":"theirs","nango":{"connections":7}}}"""u8.ToArray();
        var path = ResourceType.NangoIntegrations.ObjectPath(cluster.Namespace, "a", "status");
        var edited = await cluster.Transport.SendAsync(
            new(HttpMethod.Patch, path + "?fieldManager=kubectl-edit", "nangointegrations/status") { Body = body, ContentType = MediaTypes.MergePatch }, NangoIntegrationParser.Parse, Cancel);

        var second = (await store.ReplaceStatusAsync(edited, Status with { NextRetryTime = null }, Cancel))!;
        var third = (await store.ReplaceStatusAsync(second, Status with { NextRetryTime = null }, Cancel))!;

        Assert.NotNull(edited.Status!.NextRetryTime);
        Assert.Equivalent(first.Status, second.Status, strict: true);
        Assert.Equal(second.Metadata.ResourceVersion, third.Metadata.ResourceVersion);
    }

    [Fact]
    public async Task Every_write_on_a_changed_object_is_a_conflict()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var store = new IntegrationStore(cluster.Transport);
        var seen = await cluster.ApplyAsync("a");
        await cluster.ApplyAsync("a", displayName: "Other");

        await AssertConflictAsync(() => store.AddFinalizerAsync(seen, null, Cancel));
        await AssertConflictAsync(() => store.RemoveFinalizerAsync(seen, Cancel));
        await AssertConflictAsync(() => store.ReplaceStatusAsync(seen, Status, Cancel));
    }

    [Fact]
    public async Task Every_write_on_a_re_created_object_is_a_conflict()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var store = new IntegrationStore(cluster.Transport);
        var seen = await cluster.ApplyAsync("a");
        await cluster.DeleteAsync("a");
        var again = await cluster.ApplyAsync("a");

        await AssertConflictAsync(() => store.AddFinalizerAsync(seen, null, Cancel));
        await AssertConflictAsync(() => store.ReplaceStatusAsync(seen, Status, Cancel));

        // Not even with the right version: another uid is another object.
        var mixed = again with { Metadata = again.Metadata with { Uid = seen.Metadata.Uid } };
        await AssertConflictAsync(() => store.AddFinalizerAsync(mixed, null, Cancel));
    }

    [Fact]
    public async Task User_without_rights_is_told_so_and_not_retried()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var seen = await cluster.ApplyAsync("a");
        using var transport = new KubernetesTransport(KubernetesConnection.Load(cluster.Server.NobodyKubeconfigPath));

        var refused = await Assert.ThrowsAsync<FailureException>(() => new IntegrationStore(transport).ReplaceStatusAsync(seen, Status, Cancel));

        Assert.Equal(FailureKind.Terminal, refused.Failure.Kind);
        Assert.Equal(Reasons.KubernetesForbidden, refused.Failure.Reason);
        Assert.Contains("nangointegrations/status", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_that_breaks_the_schema_is_terminal_and_names_the_field()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        var seen = await cluster.ApplyAsync("a");
        var twice = Status with { Conditions = [Status.Conditions[0], Status.Conditions[0]] };

        var refused = await Assert.ThrowsAsync<FailureException>(() => new IntegrationStore(cluster.Transport).ReplaceStatusAsync(seen, twice, Cancel));

        Assert.Equal(FailureKind.Terminal, refused.Failure.Kind);
        Assert.Contains("status.conditions", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("All is well", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_whose_answer_was_lost_is_transient_with_unknown_outcome()
    {
        using var cluster = await RealCluster.JoinAsync(servers);
        await using var proxy = await FaultProxy.StartAsync(cluster.Server, Cancel);
        using var transport = new KubernetesTransport(KubernetesConnection.Load(proxy.KubeconfigPath));
        var store = new IntegrationStore(transport);
        var seen = await cluster.ApplyAsync("a");
        var happened = proxy.DropAnswerOfNextWrite(w => w.Resource == "nangointegrations");

        var lost = await Assert.ThrowsAsync<FailureException>(() => store.AddFinalizerAsync(seen, null, Cancel));

        await happened;
        Assert.True(lost.Failure is { Kind: FailureKind.Transient, Reason: Reasons.KubernetesUnavailable, OutcomeUnknown: true });
        Assert.True((await store.GetAsync(cluster.Key("a"), Cancel))!.HasFinalizer);
        Assert.Equal(1, proxy.CountWrites());
    }

    [Fact]
    public async Task Type_that_is_not_served_yet_is_no_deletion()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        for (var i = 0; i < 3; i++) server.Lists.Enqueue(a => a.PlainNotFoundAsync());
        using var transport = server.Connect();
        var seen = new NangoIntegration { Metadata = new() { Name = "a", Namespace = "ns", Uid = "u", ResourceVersion = "1" } };

        var read = await Assert.ThrowsAsync<FailureException>(() => new IntegrationStore(transport).GetAsync(new("ns", "a"), Cancel));
        var write = await Assert.ThrowsAsync<FailureException>(() => new IntegrationStore(transport).RemoveFinalizerAsync(seen, Cancel));
        var secret = await Assert.ThrowsAsync<FailureException>(() => new SecretReader(transport).ReadAsync("ns", "s", Cancel));

        Assert.All([read, write, secret], f => Assert.Equal((FailureKind.Transient, Reasons.KubernetesUnavailable), (f.Failure.Kind, f.Failure.Reason)));
    }

    [Fact]
    public async Task Unreachable_server_is_transient()
    {
        using var transport = new KubernetesTransport(new k8s.KubernetesClientConfiguration { Host = "http://127.0.0.1:1" });

        var away = await Assert.ThrowsAsync<FailureException>(() => new IntegrationStore(transport).GetAsync(new("ns", "a"), Cancel));

        Assert.True(away.Failure is { Kind: FailureKind.Transient, Reason: Reasons.KubernetesUnavailable, OutcomeUnknown: false });
    }

    private static async Task AssertConflictAsync(Func<Task> write)
    {
        var conflict = await Assert.ThrowsAsync<FailureException>(write);
        Assert.Equal((FailureKind.Conflict, Reasons.ObjectChanged), (conflict.Failure.Kind, conflict.Failure.Reason));
    }
}
