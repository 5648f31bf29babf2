namespace NangoOrleans.Chaos;

/// <summary>Judges a run: pure functions of what was planned and what was seen.</summary>
public static class Verdict
{
    /// <summary>What is not, or not yet, as it must be.</summary>
    /// <param name="plan">What was done.</param>
    /// <param name="resources">All resources there are.</param>
    /// <param name="integrations">All integrations Nango has.</param>
    public static IEnumerable<Violation> OfState(ChaosPlan plan, IEnumerable<SeenResource> resources, IEnumerable<SeenIntegration> integrations)
    {
        var seen = resources.ToDictionary(r => r.Name, StringComparer.Ordinal);
        var made = integrations.ToDictionary(i => i.Key, StringComparer.Ordinal);
        foreach (var (name, fate) in plan.Fates.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var (resource, integration) = (seen.GetValueOrDefault(name), made.GetValueOrDefault(name));
            foreach (var violation in fate.Revision is { } revision ? OfLiving(name, revision, resource, integration) : OfDeleted(name, resource, integration))
                yield return violation;
        }

        foreach (var key in made.Keys.Where(key => !plan.Fates.ContainsKey(key)))
            yield return new("left-behind", key, null, "Nango has an integration that nobody ever declared");
    }

    /// <summary>What happened that must never happen.</summary>
    /// <param name="plan">What was done.</param>
    /// <param name="calls">Nango's journal.</param>
    /// <param name="deletedWhenCreated">For each resource, how many of its lifetimes were ended while the operator said Created.</param>
    public static IEnumerable<Violation> OfJournal(ChaosPlan plan, IEnumerable<Call> calls, IReadOnlyDictionary<string, int> deletedWhenCreated)
    {
        var done = calls.Where(c => c.IsDone && c.Key.Length > 0).ToLookup(c => c.Key, StringComparer.Ordinal);
        foreach (var stranger in done.Where(g => !plan.Fates.ContainsKey(g.Key)))
            yield return new("unknown-key", stranger.Key, stranger.First().Seq, $"{stranger.First().Method} of an integration that nobody ever declared");

        foreach (var (name, fate) in plan.Fates.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            Call[] posts = [.. Of(done[name], "POST")], deletes = [.. Of(done[name], "DELETE")];
            var ended = deletedWhenCreated.GetValueOrDefault(name);
            if (posts.Length > fate.Lifetimes)
                yield return new("created-again", name, posts[fate.Lifetimes].Seq, $"{posts.Length} POSTs succeeded in {fate.Lifetimes} lifetimes");
            if (posts.Length < ended + (fate.Revision is null ? 0 : 1))
                yield return new("not-created", name, null, $"{posts.Length} POSTs succeeded in {fate.Lifetimes} lifetimes");
            if (deletes.Length > fate.Deletions)
                yield return new("deleted-again", name, deletes[fate.Deletions].Seq, $"{deletes.Length} DELETEs succeeded for {fate.Deletions} deletions");
            if (deletes.Length < ended)
                yield return new("not-deleted", name, null, $"{deletes.Length} DELETEs succeeded, though {ended} lifetimes ended as Created");
        }
    }

    private static IEnumerable<Call> Of(IEnumerable<Call> calls, string method) =>
        calls.Where(c => string.Equals(c.Method, method, StringComparison.Ordinal)).OrderBy(c => c.Seq);

    private static IEnumerable<Violation> OfLiving(string name, int revision, SeenResource? resource, SeenIntegration? integration)
    {
        if (resource is null)
            yield return new("lost-resource", name, null, "it was applied and is not in Kubernetes");
        else if (resource.IsDeleting || resource.Revision != revision)
            yield return new("lost-change", name, null, $"Kubernetes has revision {resource.Revision}{(resource.IsDeleting ? ", being deleted" : "")}, declared was {revision}");
        else if (!resource.IsSettled)
            yield return new("not-settled", name, null, resource.Says);

        if (integration is null)
            yield return new("missing", name, null, "Nango has no such integration");
        else if (integration.Revision != revision)
            yield return new("not-applied", name, null, $"Nango has revision {integration.Revision}, declared was {revision}");
        else if (resource is { IsSettled: true } && resource.CreatedAt != integration.CreatedAt)
            yield return new("wrong-identity", name, null, $"status names the integration of {resource.CreatedAt:O}, Nango has that of {integration.CreatedAt:O}");
    }

    private static IEnumerable<Violation> OfDeleted(string name, SeenResource? resource, SeenIntegration? integration)
    {
        if (resource is not null)
            yield return new("not-gone", name, null, $"it was deleted and is still in Kubernetes: {resource.Says}");
        if (integration is not null)
            yield return new("left-behind", name, null, "it was deleted and is still in Nango");
    }
}
