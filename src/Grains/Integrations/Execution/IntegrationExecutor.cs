using System.Globalization;
using NangoOrleans.Environments;
using NangoOrleans.Failures;
using NangoOrleans.Integrations.Planning;
using NangoOrleans.Kubernetes;
using NangoOrleans.Nango;
using NangoOrleans.Resources;

namespace NangoOrleans.Integrations.Execution;

/// <summary>Carries out one step and adds what it showed to what the run knows. A failure becomes part of that, too.</summary>
public sealed class IntegrationExecutor(
    IIntegrationStore store, IClaims claims, IDefinitionReader definition, ValueResolver resolver, EnvironmentAccess nango, EnvironmentResolver environments, RecordedEnvironment recorded)
{
    /// <summary>Carries out a step.</summary>
    /// <param name="step">What the planner decided.</param>
    /// <param name="seen">What the run knows.</param>
    /// <param name="cancellationToken">Stops the run.</param>
    /// <returns>What the run knows now; with <see cref="Observed.Failure"/> set when the step failed.</returns>
    public async Task<Observed> DoAsync(Step step, Observed seen, CancellationToken cancellationToken)
    {
        try
        {
            return await CarryOutAsync(step, seen with { Failure = null }, cancellationToken);
        }
        catch (FailureException e)
        {
            return seen with { Failure = environments.Report(seen.Environment, e.Failure), ReleaseTried = step is Step.RemoveFinalizer, RecordedTried = seen.RecordedTried || step is Step.FindRecordedEnvironment };
        }
    }

    private Task<Observed> CarryOutAsync(Step step, Observed seen, CancellationToken ct) => step switch
    {
        Step.ReadResource => ReadResourceAsync(seen, ct),
        Step.FindOwner => FindOwnerAsync(seen, ct),
        Step.AddFinalizer add => AddFinalizerAsync(seen, add.AbsentAt, ct),
        Step.DropFinalizer => DropFinalizerAsync(seen, ct),
        Step.ResolveValues => ResolveAsync(seen, ct),
        Step.FindRecordedEnvironment => FindRecordedAsync(seen, ct),
        Step.LookUpProvider => LookUpProviderAsync(seen, ct),
        Step.ReadRemote read => ReadRemoteAsync(seen, read.WithCredentials, ct),
        Step.LookUpRemote => LookUpRemoteAsync(seen, ct),
        Step.CheckDefinition => CheckDefinitionAsync(seen, ct),
        Step.CreateRemote create => CreateAsync(seen, create.Request, ct),
        Step.UpdateRemote update => UpdateAsync(seen, update.Request, ct),
        Step.CountConnections => CountAsync(seen, ct),
        Step.DeleteRemote => DeleteAsync(seen, ct),
        Step.RemoveFinalizer remove => RemoveFinalizerAsync(seen, remove.Because, ct),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step.GetType().Name, "No such step."),
    };

    private async Task<Observed> ReadResourceAsync(Observed seen, CancellationToken ct)
    {
        var read = await store.GetAsync(KeyOf(seen), ct);
        if (read is null) return seen with { Resource = null };
        var before = seen.Resource!.Metadata;
        // What was decided on so far (validity, claim, deletion) was decided on another spec or object.
        if (!string.Equals(read.Metadata.Uid, before.Uid, StringComparison.Ordinal)
            || read.Metadata.Generation != before.Generation
            || read.HasFinalizer != seen.Resource.HasFinalizer)
            throw new FailureException(ObjectChanged);
        return seen with { Resource = read, IsComplete = true };
    }

    private async Task<Observed> FindOwnerAsync(Observed seen, CancellationToken ct)
    {
        var query = Claim(seen);
        return seen with { Claim = await claims.FindOwnerAsync(query, ct), ClaimedAs = query };
    }

    private async Task<Observed> AddFinalizerAsync(Observed seen, DateTimeOffset? absentAt, CancellationToken ct)
    {
        var annotations = absentAt is not { } at ? null : new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [NangoApi.AbsentAtAnnotation] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            [NangoApi.AbsentInAnnotation] = seen.Values!.Endpoint.EnvironmentKey,
        };
        var answer = await store.AddFinalizerAsync(seen.Resource!, annotations, ct);
        return answer is null
            ? seen with { Resource = null }
            : seen with { Resource = answer, IsComplete = true, ClaimedInThisRun = true };
    }

    private async Task<Observed> DropFinalizerAsync(Observed seen, CancellationToken ct)
    {
        var answer = await store.RemoveFinalizerAsync(seen.Resource!, ct);
        return seen with { Resource = answer, IsComplete = true };
    }

    private async Task<Observed> CheckDefinitionAsync(Observed seen, CancellationToken ct) =>
        seen with { Uninstalling = await definition.IsBeingDeletedAsync(ct) };

    private async Task<Observed> LookUpRemoteAsync(Observed seen, CancellationToken ct)
    {
        var (remote, at) = await CallAsync(seen, Round(seen), client => client.LookUpAsync(RemoteKey(seen), ct));
        return seen with
        {
            Presence = remote is null ? RemotePresence.Absent : RemotePresence.Present,
            Remote = remote,
            LookedUpOnly = true,
            LookedUpAt = at,
        };
    }

    private async Task<Observed> ResolveAsync(Observed seen, CancellationToken ct) => seen with
    {
        Values = await resolver.ResolveAsync(seen.Resource!, seen.BaseUrl!.BaseUrl!, seen.Environment, ct),
    };

    private async Task<Observed> FindRecordedAsync(Observed seen, CancellationToken ct) =>
        await recorded.FindAsync(seen.Resource!, ct) is not var (environment, endpoint)
            ? seen with { RecordedTried = true }
            : seen with
            {
                RecordedTried = true,
                Environment = environment,
                BaseUrl = new BaseUrlAnswer(endpoint.BaseUrl, null),
                Values = new ResolvedValues(endpoint, null, []),
                Claim = null,
                ClaimedAs = null,
            };

    private async Task<Observed> LookUpProviderAsync(Observed seen, CancellationToken ct) => seen with
    {
        Provider = await nango.GetProviderAsync(seen.Values!.Endpoint, seen.Turn, seen.Resource!.Spec!.Provider!, ct),
    };

    private async Task<Observed> ReadRemoteAsync(Observed seen, bool withCredentials, CancellationToken ct)
    {
        var remote = await CallAsync(seen, Round(seen), client => client.GetAsync(RemoteKey(seen), withCredentials, ct));
        return seen with
        {
            Presence = remote is null ? RemotePresence.Absent : RemotePresence.Present,
            Remote = remote,
            RemoteReads = seen.RemoteReads + 1,
            LookedUpOnly = false,
            ReadAfterUpdate = seen.Updated is not null,
        };
    }

    private async Task<Observed> CreateAsync(Observed seen, CreateIntegration request, CancellationToken ct)
    {
        var created = await CallAsync(seen, 1, client => client.CreateAsync(request, ct));
        return created is null
            ? seen with { MetExisting = true, Presence = RemotePresence.Unknown, Remote = null }
            : seen with { Created = true, Presence = RemotePresence.Present, Remote = created };
    }

    private async Task<Observed> UpdateAsync(Observed seen, UpdateIntegration request, CancellationToken ct)
    {
        var updated = await CallAsync(seen, 2, client => client.UpdateAsync(RemoteKey(seen), request, ct));
        return updated is null
            ? seen with { Presence = RemotePresence.Absent, Remote = null }
            // The answer of a PATCH never shows credentials: what was read before still holds for those not sent.
            : seen with
            {
                Updated = request,
                Remote = updated with { Credentials = seen.Remote!.Credentials, CredentialsReadable = seen.Remote.CredentialsReadable },
            };
    }

    private async Task<Observed> CountAsync(Observed seen, CancellationToken ct) => seen with
    {
        ConnectionsCounted = true,
        Connections = await CallAsync(seen, 2, client => client.CountConnectionsAsync(RemoteKey(seen), ct)),
    };

    private async Task<Observed> DeleteAsync(Observed seen, CancellationToken ct)
    {
        await CallAsync(seen, 1, client => client.DeleteAsync(RemoteKey(seen), ct));
        return seen with { RemovedFromNango = true };
    }

    private async Task<Observed> RemoveFinalizerAsync(Observed seen, Outcome.Released because, CancellationToken ct)
    {
        if (seen.Leftover is null) await store.RemoveFinalizerAsync(seen.Resource!, ct);
        return seen with { Released = because, ReleaseTried = true };
    }

    private static readonly Failure ObjectChanged = new(FailureKind.Conflict, Reasons.ObjectChanged, "The resource changed meanwhile.");

    private Task<T> CallAsync<T>(Observed seen, int foreseen, Func<INangoClient, Task<T>> call) => nango.CallAsync(seen.Values!.Endpoint, seen.Turn, seen.Permits, foreseen, call);

    // A look leads to a write and a second look, or to a count and a removal; where nothing is ever written it stays alone.
    private static int Round(Observed seen) => seen.Resource is { Spec.Mode: ManagementMode.Observe } || seen.Updated is not null ? 1 : 3;

    private static string RemoteKey(Observed seen) => Ownership.RemoteKey(seen.Resource!)!;

    // What a deletion is about is what was last applied, wherever the spec points by now.
    private static ClaimQuery Claim(Observed seen)
    {
        var (resource, here) = (seen.Resource!, seen.Values?.Endpoint.EnvironmentKey);
        return resource is { IsDeleting: true, Status: { Nango.CreatedAt: { } created, Environment: { Key.Length: > 0 } applied } }
            ? new(KeyOf(seen), applied.BaseUrl, resource.Spec!.UniqueKey!, here ?? applied.Key, seen.Remote?.CreatedAt ?? created)
            : new(KeyOf(seen), seen.BaseUrl!.BaseUrl!, resource.Spec!.UniqueKey!, here, seen.Remote?.CreatedAt);
    }

    private static IntegrationKey KeyOf(Observed seen) => new(seen.Resource!.Metadata.Namespace, seen.Resource.Metadata.Name);
}
