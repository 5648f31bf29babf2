using System.Globalization;
using System.Text;

namespace NangoOrleans.Kubernetes;

/// <summary>The two requests a feed makes.</summary>
internal sealed class FeedRequests(FeedOptions options)
{
    /// <summary>A page of a list. Without a limit the server answers from its cache in one piece.</summary>
    public KubernetesRequest List(string next, bool paged)
    {
        var query = new StringBuilder();
        if (paged) Append(query, "limit", options.PageSize.ToString(CultureInfo.InvariantCulture));
        if (next.Length > 0) Append(query, "continue", next);
        return Build(query) with
        {
            Accept = options.MetadataOnly ? MediaTypes.MetadataList : MediaTypes.Json,
            Timeout = options.PageTimeout,
        };
    }

    /// <summary>A watch from a resourceVersion on.</summary>
    public KubernetesRequest Watch(string resourceVersion, TimeSpan duration)
    {
        var query = new StringBuilder();
        Append(query, "watch", "true");
        Append(query, "allowWatchBookmarks", "true");
        Append(query, "resourceVersion", resourceVersion);
        Append(query, "timeoutSeconds", ((long)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        return Build(query) with
        {
            Accept = options.MetadataOnly ? MediaTypes.MetadataObject : MediaTypes.Json,
            Timeout = options.WatchOpenTimeout,
        };
    }

    private KubernetesRequest Build(StringBuilder query)
    {
        if (!string.IsNullOrEmpty(options.LabelSelector)) Append(query, "labelSelector", options.LabelSelector);
        return new(HttpMethod.Get, options.Resource.CollectionPath(options.Namespace) + query, options.Resource.Plural);
    }

    private static void Append(StringBuilder query, string name, string value) =>
        query.Append(query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
}
