namespace NangoOrleans.Kubernetes;

/// <summary>
/// Asks the API server whether it is ready. One that has just started answers 404 for custom resources and 403 for rights that
/// are granted, because it has not read them yet; only what it says once it is ready counts.
/// </summary>
/// <param name="transport">Connection to the API server.</param>
public sealed class ReadyProbe(KubernetesTransport transport)
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    /// <summary>Asks once.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False also when it does not answer, or does not tell us.</returns>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        var request = new KubernetesRequest(HttpMethod.Get, "/readyz", "readyz") { Accept = "*/*", Timeout = AnswerWithin };
        try
        {
            return await transport.SendAsync(request, static _ => true, cancellationToken);
        }
        catch (KubernetesRequestException)
        {
            return false;
        }
    }
}
