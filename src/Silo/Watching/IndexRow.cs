using System.Text.Json;
using NangoOrleans.Environments;
using NangoOrleans.Integrations;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Integrations.Validation;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Watching;

/// <summary>What the watcher remembers of a resource: enough to answer reminders, claims and "does it need a run" without asking anybody.</summary>
internal sealed record IndexRow
{
    /// <summary>Which resource.</summary>
    public required IntegrationKey Key { get; init; }

    /// <summary>Which life of it.</summary>
    public required string Uid { get; init; }

    /// <summary>Version last seen.</summary>
    public required string ResourceVersion { get; init; }

    /// <summary>Generation last seen.</summary>
    public long Generation { get; init; }

    /// <summary>When the resource was made; the older one has the better claim.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The environment object it refers to; null when it refers to none.</summary>
    public EnvironmentId? Environment { get; init; }

    /// <summary>Nango agrees with it.</summary>
    public bool IsReady { get; init; }

    /// <summary>It failed, or another resource owns its key.</summary>
    public bool IsFailed { get; init; }

    /// <summary>Base URL it speaks of, normalised; null when refused or unreadable.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>Nango's key it wants.</summary>
    public string? UniqueKey { get; init; }

    /// <summary>Its spec can be acted upon, wherever it points.</summary>
    public bool IsValid { get; init; }

    /// <summary>False for a resource that cannot claim its key: invalid, or not allowed where it points.</summary>
    public bool Ranks { get; init; }

    /// <summary>True once deletion was asked for.</summary>
    public bool IsDeleting { get; init; }

    /// <summary>Our finalizer is on.</summary>
    public bool HasFinalizer { get; init; }

    /// <summary>Annotation that asks for a reconcile, as last seen.</summary>
    public string? RequestedAt { get; init; }

    /// <summary>Nothing is left to do, as far as the resource itself tells.</summary>
    public bool IsSettled { get; init; }

    /// <summary>Nothing happens until something changes.</summary>
    public bool IsStalled { get; init; }

    /// <summary>A run is due now or later.</summary>
    public bool NeedsRun { get; init; }

    /// <summary>When the retry is due.</summary>
    public DateTimeOffset? NextRetryTime { get; init; }

    /// <summary>Identity of the integration in Nango that was last reported.</summary>
    public string? NangoCreatedAt { get; init; }

    /// <summary>The reported <c>status.status</c>.</summary>
    public string? Phase { get; init; }

    /// <summary>Nango's time of the last write that was reported.</summary>
    public string? NangoUpdatedAt { get; init; }

    /// <summary>Key under which Nango knows it, as last reported.</summary>
    public string? RemoteKey { get; init; }

    /// <summary>Environment it was last applied to.</summary>
    public string? EnvironmentKey { get; init; }

    /// <summary>Where the token of that environment stands; null when the resource does not say.</summary>
    public EnvironmentCredential? Credential { get; init; }

    /// <summary>How often it wants to be compared with Nango; null means as often as the operator does.</summary>
    public TimeSpan? ResyncInterval { get; init; }

    /// <summary>True when a list of Nango can tell whether it was changed there by hand.</summary>
    public bool IsComparable { get; init; }

    /// <summary>When this row was last seen to change: a list of Nango that began before may lack our own write.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>Names of the Secrets it refers to.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Versions of Secrets last applied.</summary>
    public IReadOnlyList<ObservedSecret> ObservedSecrets { get; init; } = [];

    /// <summary>When the watcher last had it looked at, or first saw it in need of that.</summary>
    public DateTimeOffset LookedAt { get; init; }

    /// <summary>Tells one status from another; of this process only.</summary>
    public int StatusDigest { get; init; }

    /// <summary>True for a row that has the key in Nango; what was only observed there is nobody's.</summary>
    public bool HoldsKey => HasFinalizer && NangoCreatedAt is not null;

    /// <summary>True for a row whose claim counts: it ranks, or holds the key until its finalizer is off.</summary>
    public bool Claims => BaseUrl is not null && UniqueKey is not null && (IsDeleting ? HoldsKey : Ranks);

    /// <summary>Builds a row.</summary>
    /// <param name="resource">The redacted resource.</param>
    /// <param name="environments">The environment objects.</param>
    /// <param name="access">The administrator's word on base URLs.</param>
    /// <param name="now">The time.</param>
    public static IndexRow From(NangoIntegration resource, IEnvironmentView environments, INangoAccess access, DateTimeOffset now)
    {
        var (metadata, spec, status) = (resource.Metadata, resource.Spec, resource.Status);
        var baseUrl = BaseUrlOf(resource, environments, access);
        // One that only observes wants nothing for itself.
        var isValid = spec is not null && spec.Mode != ManagementMode.Observe && IntegrationValidator.Check(spec).Count == 0;
        return new IndexRow
        {
            Key = new IntegrationKey(metadata.Namespace, metadata.Name),
            Uid = metadata.Uid,
            ResourceVersion = metadata.ResourceVersion,
            Generation = metadata.Generation,
            CreatedAt = metadata.CreationTimestamp,
            Environment = spec?.EnvironmentRef is { } reference ? EnvironmentId.Of(reference, metadata.Namespace) : null,
            IsReady = status?.IsTrue(ConditionTypes.Ready) == true,
            IsFailed = status?.Status is IntegrationPhase.Failed or IntegrationPhase.Conflict,
            BaseUrl = baseUrl ?? (resource.IsDeleting ? status?.Environment?.BaseUrl : null),
            UniqueKey = spec?.UniqueKey,
            IsValid = isValid,
            Ranks = isValid && baseUrl is not null,
            IsDeleting = resource.IsDeleting,
            HasFinalizer = resource.HasFinalizer,
            RequestedAt = metadata.Annotations.GetValueOrDefault(NangoApi.ReconcileRequestedAtAnnotation),
            IsSettled = ReconcileTrigger.IsSettled(resource),
            IsStalled = status?.IsTrue(ConditionTypes.Stalled) == true,
            NeedsRun = ReconcileTrigger.NextRun(resource, recheck: false, now) is not null,
            NextRetryTime = ReconcileTrigger.RetryTime(resource, now),
            NangoCreatedAt = status?.Nango?.CreatedAt,
            Phase = status?.Status,
            NangoUpdatedAt = status?.Nango?.UpdatedAt,
            RemoteKey = status?.IntegrationId,
            EnvironmentKey = status?.Environment?.Key,
            Credential = spec is null ? null : CredentialOf(spec, metadata, baseUrl),
            IsComparable = IsComparableWithNango(resource),
            ChangedAt = now,
            ResyncInterval = Integrations.Validation.ResyncInterval.Parse(spec?.ResyncInterval),
            Secrets = SecretNames.Of(spec),
            ObservedSecrets = status?.ObservedSecrets ?? [],
            LookedAt = now,
            StatusDigest = Digest(status),
        };
    }

    /// <summary>
    /// True when the report of a settled or stalled resource changed although nothing else did: somebody else wrote it, or it is the echo of a report
    /// of a check, which its grain knows.
    /// </summary>
    /// <param name="before">The row known so far.</param>
    public bool IsStatusEdit(IndexRow? before) =>
        before is not null && (before.IsSettled || (before.IsStalled && !before.NeedsRun))
        && before.Uid == Uid && before.Generation == Generation && !IsDeleting && before.StatusDigest != StatusDigest;

    /// <summary>The row, once its environment object or its namespace has changed.</summary>
    /// <param name="environments">The environment objects.</param>
    /// <param name="access">The administrator's word on base URLs.</param>
    public IndexRow Resolve(IEnvironmentView environments, INangoAccess access)
    {
        if (Environment is not { } id) return this;
        // The rules look at nothing else of a resource.
        var likeness = new NangoIntegration
        {
            Metadata = new ObjectMetadata { Namespace = Key.Namespace, Name = Key.Name, DeletionTimestamp = IsDeleting ? CreatedAt : null },
            Spec = new NangoIntegrationSpec { UniqueKey = UniqueKey, EnvironmentRef = new EnvironmentReference { Kind = id.Kind, Name = id.Name } },
        };
        var baseUrl = BaseUrlOf(likeness, environments, access);
        return this with { BaseUrl = baseUrl ?? (IsDeleting ? BaseUrl : null), Ranks = IsValid && baseUrl is not null };
    }

    private static int Digest(NangoIntegrationStatus? status)
    {
        if (status is null) return 0;
        var hash = default(HashCode);
        hash.AddBytes(JsonSerializer.SerializeToUtf8Bytes(status));
        return hash.ToHashCode();
    }

    private static string? BaseUrlOf(NangoIntegration resource, IEnvironmentView environments, INangoAccess access) => resource.Spec switch
    {
        null => null,
        { EnvironmentRef: { } reference } => EnvironmentUse.Decide(reference, resource, environments, access).BaseUrl.BaseUrl,
        var spec => access.CheckBaseUrl(spec.NangoBaseUrl).BaseUrl,
    };

    private static EnvironmentCredential? CredentialOf(NangoIntegrationSpec spec, ObjectMetadata metadata, string? baseUrl) => spec switch
    {
        { EnvironmentRef: { } environment } => EnvironmentCredential.OfObject(environment.Kind, environment.Kind == NangoApi.EnvironmentKind ? metadata.Namespace : null, environment.Name),
        _ when baseUrl is null => null,
        { NangoToken.SecretKeyRef: { } secret } => EnvironmentCredential.Secret(baseUrl, metadata.Namespace, secret.Name, secret.Key),
        { NangoToken.Kind: SensitiveValueKind.Literal } => EnvironmentCredential.InlineOf(baseUrl, new IntegrationKey(metadata.Namespace, metadata.Name)),
        _ => EnvironmentCredential.Default(baseUrl, metadata.Namespace),
    };

    // One that was never reported, is under way, or does not own its key has nothing to compare: its own next run looks.
    private static bool IsComparableWithNango(NangoIntegration resource) =>
        ReconcileTrigger.IsSettled(resource)
        && resource.Status is { Nango.CreatedAt: not null, Environment.Key.Length: > 0, IntegrationId.Length: > 0 } status
        && status.IsTrue(ConditionTypes.Ready)
        && !string.Equals(status.Status, IntegrationPhase.Suspended, StringComparison.Ordinal);

    /// <summary>Whether a row must be brought to its grain's notice.</summary>
    /// <param name="before">The row known so far; null when there is none.</param>
    /// <param name="fromList">True when a list showed it.</param>
    public bool MustBeLookedAt(IndexRow? before, bool fromList)
    {
        if (before is null || !string.Equals(before.Uid, Uid, StringComparison.Ordinal)) return NeedsRun || IsStalled;
        if (fromList) return NeedsRun;
        // The grain that put our finalizer on knows; everything else that is not its own status report it must be told.
        var changed = before.Generation != Generation || before.IsDeleting != IsDeleting || before.RequestedAt != RequestedAt || (before.HasFinalizer && !HasFinalizer);
        return NeedsRun && (changed || before.IsSettled);
    }
}
