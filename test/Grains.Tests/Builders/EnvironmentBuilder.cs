using NangoOrleans.Failures;
using NangoOrleans.Resources;

namespace NangoOrleans.Grains.Tests.Builders;

/// <summary>Builds environment objects; without further words one that is ready, in the namespace of <see cref="An.Integration"/>.</summary>
internal sealed class EnvironmentBuilder
{
    private NangoEnvironment _built = new()
    {
        Metadata = new ObjectMetadata { Name = "production", Namespace = "team", Uid = "uid-production", ResourceVersion = "1", Generation = 1 },
        Spec = new NangoEnvironmentSpec { BaseUrl = A.BaseUrl, Token = new EnvironmentToken { SecretKeyRef = new EnvironmentSecretKeySelector { Name = "nango", Key = "token" } } },
    };

    public static EnvironmentReference Reference { get; } = new() { Kind = "NangoEnvironment", Name = "production" };

    public static EnvironmentReference ClusterReference { get; } = new() { Kind = "ClusterNangoEnvironment", Name = "production" };

    public EnvironmentBuilder ClusterWide(AllowedNamespaces? allowed = null) => Change(e => e with
    {
        Metadata = e.Metadata with { Namespace = "" },
        Spec = e.Spec! with { AllowedNamespaces = allowed, Token = new EnvironmentToken { SecretKeyRef = e.Spec.Token!.SecretKeyRef! with { Namespace = "vault" } } },
    });

    public EnvironmentBuilder Spec(Func<NangoEnvironmentSpec, NangoEnvironmentSpec> change) => Change(e => e with { Spec = change(e.Spec!) });

    public EnvironmentBuilder Ready(string version = "1") => Reporting("True", Reasons.TokenAccepted, null, version);

    public EnvironmentBuilder Stalled(string reason) => Reporting("False", reason, ConditionTypes.Stalled, "1");

    public EnvironmentBuilder Retrying(string reason) => Reporting("False", reason, ConditionTypes.Reconciling, "1");

    public EnvironmentBuilder Change(Func<NangoEnvironment, NangoEnvironment> change)
    {
        _built = change(_built);
        return this;
    }

    public NangoEnvironment Build() => _built;

    private EnvironmentBuilder Reporting(string ready, string reason, string? further, string version) => Change(e => e with
    {
        Status = new NangoEnvironmentStatus
        {
            ObservedGeneration = e.Metadata.Generation,
            TokenSecret = new ObservedSecret { Name = "nango", Uid = "uid-nango", ResourceVersion = version },
            Conditions =
            [
                new Condition { Type = ConditionTypes.Ready, Status = ready, Reason = reason, Message = "So it is.", LastTransitionTime = IntegrationBuilder.Born },
                .. further is null ? [] : (Condition[])[new Condition { Type = further, Status = "True", Reason = reason, Message = "So it is.", LastTransitionTime = IntegrationBuilder.Born }],
            ],
        },
    });
}
