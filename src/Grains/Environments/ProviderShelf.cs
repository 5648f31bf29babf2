namespace NangoOrleans.Environments;

/// <summary>The providers of one environment, as they are stored. Lost with the memory they are in: absence means that the server is asked again.</summary>
[GenerateSerializer, Alias("nango.ProviderShelf")]
public sealed class ProviderShelf
{
    /// <summary>Name of the state.</summary>
    public const string StateName = "providers";

    private const int MaxProviders = 2_000;

    /// <summary>Providers by name.</summary>
    [Id(0)] public IDictionary<string, KnownProvider> Providers { get; set; } = new Dictionary<string, KnownProvider>(StringComparer.Ordinal);

    /// <summary>Finds a provider that is not out of date.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="now">The time.</param>
    public KnownProvider? Find(string name, DateTimeOffset now) => Providers.TryGetValue(name, out var known) && known.Expires > now ? known : null;

    /// <summary>Puts a provider in; what is out of date goes.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="now">The time.</param>
    public void Put(KnownProvider provider, DateTimeOffset now)
    {
        foreach (var old in Providers.Where(known => known.Value.Expires <= now).Select(known => known.Key).ToList()) Providers.Remove(old);
        if (Providers.Count >= MaxProviders) Providers.Clear();
        Providers[provider.Name] = provider;
    }
}
