using NangoOrleans.Failures;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Builders;

/// <summary>Builds resources; without further words a valid new one for Slack.</summary>
internal sealed class IntegrationBuilder
{
    public static readonly DateTimeOffset Born = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private NangoIntegration _built = new()
    {
        Metadata = new ObjectMetadata { Name = "slack", Namespace = "team", Uid = "uid-1", ResourceVersion = "100", Generation = 1, CreationTimestamp = Born },
        Spec = new NangoIntegrationSpec
        {
            UniqueKey = "slack-key",
            Provider = "slack",
            DisplayName = "Slack",
            NangoToken = SensitiveValue.FromLiteral(A.Token),
            Credentials = new IntegrationCredentials
            {
                Type = "OAUTH2",
                ClientId = SensitiveValue.FromLiteral("the-id"),
                ClientSecret = SensitiveValue.FromLiteral("the-secret"),
            },
        },
    };

    public IntegrationBuilder Named(string name, string @namespace = "team") => Meta(m => m with { Name = name, Namespace = @namespace, Uid = "uid-" + name });

    public IntegrationBuilder Meta(Func<ObjectMetadata, ObjectMetadata> change) => Change(r => r with { Metadata = change(r.Metadata) });

    public IntegrationBuilder Generation(long generation) => Meta(m => m with { Generation = generation });

    public IntegrationBuilder Spec(Func<NangoIntegrationSpec, NangoIntegrationSpec> change) => Change(r => r with { Spec = change(r.Spec!) });

    public IntegrationBuilder Credentials(Func<IntegrationCredentials, IntegrationCredentials?> change) => Spec(s => s with { Credentials = change(s.Credentials!) });

    public IntegrationBuilder WithoutCredentials() => Spec(s => s with { Credentials = null });

    public IntegrationBuilder WithFinalizer() => Meta(m => m with { Finalizers = [NangoApi.Finalizer] });

    public IntegrationBuilder Deleting() => WithFinalizer().Meta(m => m with { DeletionTimestamp = Born.AddHours(1) });

    public IntegrationBuilder Deleting(DeletionPolicy policy) => Deleting().Spec(s => s with { DeletionPolicy = policy });

    public IntegrationBuilder Requested(string at) =>
        Meta(m => m with { Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [NangoApi.ReconcileRequestedAtAnnotation] = at } });

    /// <summary>Finalizer on, and a status that says: Nango agrees with this generation.</summary>
    public IntegrationBuilder Applied(RemoteIntegration? remote = null, string token = A.Token)
    {
        remote ??= A.Remote;
        return WithFinalizer().Status(_ => new NangoIntegrationStatus
        {
            Status = IntegrationPhase.Created,
            ErrorMessage = "",
            IntegrationId = remote.UniqueKey,
            ObservedGeneration = _built.Metadata.Generation,
            LastUpdated = Born,
            Environment = new EnvironmentStatus { BaseUrl = A.BaseUrl, Key = new NangoEndpoint(A.BaseUrl, token).EnvironmentKey },
            Nango = new NangoObservation { CreatedAt = remote.CreatedAt, UpdatedAt = remote.UpdatedAt },
            Conditions =
            [
                Condition(ConditionTypes.Ready, "True", Reasons.Created, "Nango agrees with this resource."),
                Condition(ConditionTypes.IntegrationCreated, "True", Reasons.Created, "The integration exists in Nango."),
                Condition(ConditionTypes.IntegrationCreationFailed, "False", Reasons.Created, ""),
            ],
        });
    }

    public IntegrationBuilder Status(Func<NangoIntegrationStatus, NangoIntegrationStatus> change) =>
        Change(r => r with { Status = change(r.Status ?? new NangoIntegrationStatus { ObservedGeneration = r.Metadata.Generation }) });

    public IntegrationBuilder Stalled(string reason) => Status(s => s with
    {
        Status = IntegrationPhase.Failed,
        Conditions = [Condition(ConditionTypes.Ready, "False", reason, "It failed."), Condition(ConditionTypes.Stalled, "True", reason, "It failed.")],
    });

    public IntegrationBuilder Change(Func<NangoIntegration, NangoIntegration> change)
    {
        _built = change(_built);
        return this;
    }

    public NangoIntegration Build() => _built;

    private Condition Condition(string type, string status, string reason, string message) =>
        new() { Type = type, Status = status, Reason = reason, Message = message, ObservedGeneration = _built.Metadata.Generation, LastTransitionTime = Born };
}
