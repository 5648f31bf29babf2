using System.Security.Cryptography;
using System.Text;
using NangoOrleans.Testing.ApiServer.Discovery;
using NangoOrleans.Testing.ApiServer.Faults;
using NangoOrleans.Testing.ApiServer.Handlers;
using NangoOrleans.Testing.ApiServer.Http;
using NangoOrleans.Testing.ApiServer.Watching;
using NangoOrleans.Testing.ApiServer.Writing;

namespace NangoOrleans.Testing.ApiServer.Hosting;

/// <summary>Takes every request: authenticates it, finds its handler, turns refusals into Status objects, keeps the journal.</summary>
internal sealed class Router
{
    private readonly Cluster _cluster;
    private readonly byte[] _authorization;
    private readonly RequestJournal _journal;
    private readonly FaultInjection _faults;
    private readonly ControlEndpoints _control;
    private readonly DiscoveryEndpoints _discovery;
    private readonly ReviewHandler _reviews;
    private readonly ReadHandlers _reads;
    private readonly WriteHandlers _writes;
    private readonly DeleteHandlers _deletes;
    private readonly WatchHandler _watches;

    public Router(Cluster cluster, string token, FaultPlan faults, RequestJournal journal, OpenWatches watches, TimeSpan bookmarkInterval)
    {
        var deleter = new ObjectDeleter(cluster);
        _cluster = cluster;
        _authorization = Encoding.ASCII.GetBytes("Bearer " + token);
        _journal = journal;
        _faults = new FaultInjection(faults, cluster.Clock);
        _control = new ControlEndpoints(faults, journal);
        _discovery = new DiscoveryEndpoints(cluster.Catalog);
        _reviews = new ReviewHandler(token);
        _reads = new ReadHandlers(cluster);
        _writes = new WriteHandlers(cluster, new ObjectWriter(cluster, deleter));
        _deletes = new DeleteHandlers(cluster, deleter);
        _watches = new WatchHandler(cluster, watches, bookmarkInterval);
    }

    public async Task ServeAsync(HttpContext http)
    {
        try
        {
            await RouteAsync(http);
        }
        catch (ApiException problem) when (!http.Response.HasStarted)
        {
            await Answer.WriteErrorAsync(http, problem);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client left.
        }
    }

    private async Task RouteAsync(HttpContext http)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(http.Request.Headers.Authorization.ToString()), _authorization))
        {
            throw new ApiException(401, "Unauthorized", "Unauthorized");
        }

        if (await _control.TryServeAsync(http))
        {
            return;
        }

        var path = ResourcePath.Parse(http.Request.Path.Value!);
        var verb = path?.VerbFor(http.Request) ?? http.Request.Method.ToLowerInvariant();
        var resource = path is null ? "" : path.Subresource is null ? path.Plural : $"{path.Plural}/{path.Subresource}";
        try
        {
            await _faults.RunAsync(http, verb, resource, path?.Name, () => ServeAsync(http, path));
        }
        finally
        {
            var (now, status) = (_cluster.Clock.GetUtcNow(), http.RequestAborted.IsCancellationRequested && !http.Response.HasStarted ? 0 : http.Response.StatusCode);
            _journal.Add(number => new JournalEntry(
                number, now, verb, http.Request.Path + http.Request.QueryString, resource, path?.Namespace, path?.Name, status, http.Request.Headers.UserAgent.ToString()));
        }
    }

    private async Task ServeAsync(HttpContext http, ResourcePath? path)
    {
        try
        {
            if (!await _discovery.TryServeAsync(http) && !await _reviews.TryServeAsync(http))
            {
                await ServeResourceAsync(http, path);
            }
        }
        catch (ApiException problem) when (!http.Response.HasStarted)
        {
            await Answer.WriteErrorAsync(http, problem);
        }
    }

    private Task ServeResourceAsync(HttpContext http, ResourcePath? path)
    {
        if (path?.Resolve(_cluster.Catalog, http) is not { } request || !HasSubresource(request))
        {
            if (path is not null && _cluster.Catalog.InGroup(path.Group, path.Version).Any(type => !type.IsCustom))
            {
                throw new ApiException(404, "NotFound", "the server could not find the requested resource", new System.Text.Json.Nodes.JsonObject());
            }

            return DiscoveryEndpoints.WriteNotFoundAsync(http);
        }

        if (request.Type.Namespaced && request.Namespace is null && request.Verb is not ("list" or "watch"))
        {
            return DiscoveryEndpoints.WriteNotFoundAsync(http);
        }

        return request.Verb switch
        {
            "get" => _reads.GetAsync(request),
            "list" => _reads.ListAsync(request),
            "watch" => _watches.WatchAsync(request),
            "create" when request.Name is null => _writes.CreateAsync(request),
            "update" when request.Name is not null => _writes.UpdateAsync(request),
            "patch" when request.Name is not null => _writes.PatchAsync(request),
            "delete" when request.Subresource is null => _deletes.DeleteAsync(request),
            "deletecollection" => _deletes.DeleteCollectionAsync(request),
            "update" or "patch" => throw ApiException.BadRequest("name must be provided"),
            _ => throw ApiException.MethodNotAllowed(),
        };
    }

    private static bool HasSubresource(ApiRequest request) => request.Subresource switch
    {
        null => true,
        "status" => request.Type.HasStatus,
        "finalize" => request.Type.Plural == "namespaces" && request.Type.Group.Length == 0,
        _ => false,
    };
}
