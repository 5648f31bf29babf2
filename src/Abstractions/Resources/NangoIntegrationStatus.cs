using System.ComponentModel;
using System.Text.Json.Serialization;

namespace NangoOrleans.Resources;

/// <summary>The values of <c>status.status</c>.</summary>
public static class IntegrationPhase
{
    /// <summary>Work is under way or waits for something.</summary>
    public const string Pending = "Pending";

    /// <summary>Nango agrees with the resource.</summary>
    public const string Created = "Created";

    /// <summary>It could not be made so; <c>error_message</c> says why.</summary>
    public const string Failed = "Failed";

    /// <summary>Deletion is under way.</summary>
    public const string Deleting = "Deleting";

    /// <summary>Left alone at the user's wish.</summary>
    public const string Suspended = "Suspended";

    /// <summary>Another resource owns the key.</summary>
    public const string Conflict = "Conflict";
}

/// <summary>The condition types the operator sets.</summary>
public static class ConditionTypes
{
    /// <summary>Nango agrees with the resource.</summary>
    public const string Ready = "Ready";

    /// <summary>The integration exists in Nango (a name of the original operator).</summary>
    public const string IntegrationCreated = "IntegrationCreated";

    /// <summary>Creation failed (a name of the original operator).</summary>
    public const string IntegrationCreationFailed = "IntegrationCreationFailed";

    /// <summary>Work is under way; present only while true (kstatus).</summary>
    public const string Reconciling = "Reconciling";

    /// <summary>Nothing more happens until somebody changes something; present only while true (kstatus).</summary>
    public const string Stalled = "Stalled";

    /// <summary>All of them; a condition of another type was put there by somebody else.</summary>
    public static readonly IReadOnlySet<string> All = new HashSet<string>([Ready, IntegrationCreated, IntegrationCreationFailed, Reconciling, Stalled], StringComparer.Ordinal);
}

/// <summary>A Kubernetes condition; the list is a map by <see cref="Type"/>.</summary>
[GenerateSerializer, Immutable, Alias("nango.Condition")]
public sealed record Condition
{
    /// <summary>One of <see cref="ConditionTypes"/>.</summary>
    [Id(0), JsonPropertyName("type")][Description("Type of the condition."), Schema(Required = true)] public string Type { get; init; } = "";

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    [Id(1), JsonPropertyName("status")][Description("True, False or Unknown."), Schema(Required = true, Values = ["True", "False", "Unknown"])] public string Status { get; init; } = "";

    /// <summary>One word in PascalCase, listed in docs/reference.md.</summary>
    [Id(2), JsonPropertyName("reason")][Description("Why, in one word for programs."), Schema(Required = true)] public string Reason { get; init; } = "";

    /// <summary>One sentence for people.</summary>
    [Id(3), JsonPropertyName("message")][Description("Why, in a sentence for people."), Schema(Required = true)] public string Message { get; init; } = "";

    /// <summary>Generation of the spec that this condition speaks of.</summary>
    [Id(4), JsonPropertyName("observedGeneration")][Description("Generation of the spec that this condition speaks of.")] public long ObservedGeneration { get; init; }

    /// <summary>When <see cref="Status"/> last changed (not reason or message).</summary>
    [Id(5), JsonPropertyName("lastTransitionTime")][Description("When the condition's status last changed."), Schema(Required = true)] public DateTimeOffset LastTransitionTime { get; init; }
}

/// <summary>The environment of Nango that the resource was last applied to.</summary>
[GenerateSerializer, Immutable, Alias("nango.EnvironmentStatus")]
public sealed record EnvironmentStatus
{
    /// <summary>Origin of the base URL, for instance <c>https://api.nango.dev</c>.</summary>
    [Id(0), JsonPropertyName("base_url")][Description("Base URL of the Nango server.")] public string BaseUrl { get; init; } = "";

    /// <summary>Key of the environment: uid of the environment object, else origin and a digest of the token.</summary>
    [Id(1), JsonPropertyName("key")][Description("Key by which the operator tells Nango environments apart; not a secret.")] public string Key { get; init; } = "";
}

/// <summary>A Secret as it was when it was last applied: how a rotation during downtime is noticed.</summary>
[GenerateSerializer, Immutable, Alias("nango.ObservedSecret")]
public sealed record ObservedSecret
{
    /// <summary>Name of the Secret.</summary>
    [Id(0), JsonPropertyName("name")][Description("Name of the Secret."), Schema(Required = true)] public string Name { get; init; } = "";

    /// <summary>Its uid; empty when it did not exist.</summary>
    [Id(1), JsonPropertyName("uid")][Description("Its uid.")] public string Uid { get; init; } = "";

    /// <summary>Its resourceVersion; empty when it did not exist.</summary>
    [Id(2), JsonPropertyName("resource_version")][Description("Its resourceVersion.")] public string ResourceVersion { get; init; } = "";
}

/// <summary>What Nango last said of the integration. Times are kept exactly as Nango writes them.</summary>
[GenerateSerializer, Immutable, Alias("nango.NangoObservation")]
public sealed record NangoObservation
{
    /// <summary>Identity of the integration in Nango: changes when somebody re-creates it.</summary>
    [Id(0), JsonPropertyName("created_at")][Description("When Nango made the integration; tells whether it was re-created.")] public string? CreatedAt { get; init; }

    /// <summary>Nango's updated_at after the operator's own last write.</summary>
    [Id(1), JsonPropertyName("updated_at")][Description("Nango's updated_at after the operator's own last write.")] public string? UpdatedAt { get; init; }

    /// <summary>Where the provider sends its webhooks, if it has any.</summary>
    [Id(2), JsonPropertyName("webhook_url")][Description("URL for the provider's webhooks, when known.")] public string? WebhookUrl { get; init; }

    /// <summary>
    /// Number of end users' connections, counted up to one page of Nango's answer (2,000), which the last try of a deletion with
    /// DeleteIfUnused found before it failed. Not counted otherwise: they come and go all the time, and it would cost a request for
    /// each resource. Null when the token may not list them.
    /// </summary>
    [Id(3), JsonPropertyName("connections")][Description("Connections found by the last try of an unfinished deletion; normally 0, since an integration with connections is kept and the resource goes.")] public int? Connections { get; init; }
}

/// <summary>What the operator reports. Written only when something changed.</summary>
[GenerateSerializer, Immutable, Alias("nango.NangoIntegrationStatus")]
public sealed record NangoIntegrationStatus
{
    /// <summary>One of <see cref="IntegrationPhase"/>.</summary>
    [Id(0), JsonPropertyName("status")][Description("Pending, Created, Failed, Deleting, Suspended or Conflict.")] public string? Status { get; init; }

    /// <summary>One sentence with the remedy; empty when all is well.</summary>
    [Id(1), JsonPropertyName("error_message")][Description("What is wrong and what to do about it; empty when all is well.")] public string? ErrorMessage { get; init; }

    /// <summary>The key under which Nango knows it.</summary>
    [Id(2), JsonPropertyName("integration_id")][Description("Key under which Nango knows the integration.")] public string? IntegrationId { get; init; }

    /// <summary>Where it was last applied.</summary>
    [Id(3), JsonPropertyName("environment")][Description("The Nango environment it was last applied to.")] public EnvironmentStatus? Environment { get; init; }

    /// <summary>Conditions, one for each type.</summary>
    [Id(4), JsonPropertyName("conditions")][Description("Ready, IntegrationCreated, IntegrationCreationFailed, and while true Reconciling and Stalled."), Schema(ListMapKey = "type")] public IReadOnlyList<Condition> Conditions { get; init; } = [];

    /// <summary>Generation this status speaks of; -1 before the operator has seen the object.</summary>
    [Id(5), JsonPropertyName("observedGeneration")][Description("Generation of the spec that this status speaks of; -1 until the operator has seen it.")] public long? ObservedGeneration { get; init; }

    /// <summary>When the last real transition was reported.</summary>
    [Id(6), JsonPropertyName("last_updated")][Description("When this status last changed.")] public DateTimeOffset? LastUpdated { get; init; }

    /// <summary>When a failed run is tried again; the durable row of the retry reminder.</summary>
    [Id(7), JsonPropertyName("next_retry_time")][Description("When the operator tries again; absent when no retry is due.")] public DateTimeOffset? NextRetryTime { get; init; }

    /// <summary>Failed runs in a row.</summary>
    [Id(8), JsonPropertyName("attempts")][Description("Failed attempts in a row.")] public int? Attempts { get; init; }

    /// <summary>The Secrets last applied.</summary>
    [Id(9), JsonPropertyName("observed_secrets")][Description("The Secrets that were last applied, by name and version."), Schema(ListMapKey = "name")] public IReadOnlyList<ObservedSecret>? ObservedSecrets { get; init; }

    /// <summary>What Nango last said.</summary>
    [Id(10), JsonPropertyName("nango")][Description("What Nango last said of the integration.")] public NangoObservation? Nango { get; init; }

    /// <summary>Echo of the annotation that asked for a reconcile.</summary>
    [Id(11), JsonPropertyName("last_handled_reconcile_at")][Description("Value of the annotation nango.nango.dev/reconcile-requested-at that was last acted upon.")] public string? LastHandledReconcileAt { get; init; }

    /// <summary>When deletion first failed; after a while (Deletion:GiveUpAfter) it is given up.</summary>
    [Id(12), JsonPropertyName("deletion_failing_since")][Description("When deletion in Nango first failed; the operator gives up after a while and says so.")] public DateTimeOffset? DeletionFailingSince { get; init; }

    /// <summary>The condition of a type, or null.</summary>
    /// <param name="type">One of <see cref="ConditionTypes"/>.</param>
    public Condition? Condition(string type) => Conditions.FirstOrDefault(c => string.Equals(c.Type, type, StringComparison.Ordinal));

    /// <summary>True when a condition is present with status <c>True</c>.</summary>
    /// <param name="type">One of <see cref="ConditionTypes"/>.</param>
    public bool IsTrue(string type) => string.Equals(Condition(type)?.Status, "True", StringComparison.Ordinal);
}
