using System.Collections.Frozen;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango;

/// <summary>
/// Which base URLs a resource may name. Its author also chooses the token, so without this rule any tenant could make the operator
/// call any address it can reach. A base URL is usable when its normal form (origin and path) is the operator's default or stands on
/// the administrator's list; plain http is therefore possible only where the administrator wrote it.
/// </summary>
public sealed class BaseUrlPolicy
{
    /// <summary>Nango's cloud: the default when the operator is given no other.</summary>
    public const string BuiltInDefault = "https://api.nango.dev";

    /// <summary>The setting that holds the administrator's list.</summary>
    public const string Setting = "NangoOrleans:AllowedBaseUrls";

    private const string Field = "spec.nango_base_url";

    private readonly FrozenSet<string> _allowed;

    /// <summary>A policy.</summary>
    /// <param name="defaultBaseUrl">The operator's own base URL (<c>NANGO_BASE_URL</c>); null or empty for <see cref="BuiltInDefault"/>.</param>
    /// <param name="allowedBaseUrls">The administrator's list.</param>
    /// <exception cref="FormatException">An entry is no usable base URL; the message says which and why.</exception>
    public BaseUrlPolicy(string? defaultBaseUrl, IEnumerable<string> allowedBaseUrls)
    {
        List<BaseUrl> written = [.. allowedBaseUrls.Select((entry, index) => Read(entry, $"{Setting}[{index}]"))];
        if (string.IsNullOrEmpty(defaultBaseUrl))
        {
            Default = BuiltInDefault;
        }
        else
        {
            var own = Read(defaultBaseUrl, "NANGO_BASE_URL");
            Default = own.ToString();
            written.Add(own);
        }

        _allowed = written.Select(url => url.ToString()).Append(Default).ToFrozenSet(StringComparer.Ordinal);
        AdministratorOrigins = written.Select(url => url.Origin).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>Base URL of a resource that names none.</summary>
    public string Default { get; }

    /// <summary>
    /// Origins that somebody with access to the operator's configuration wrote down, and which may therefore lie at private addresses
    /// (<see cref="NangoClientOptions.PrivateAddressOrigins"/>). The built-in default is not among them.
    /// </summary>
    public IReadOnlySet<string> AdministratorOrigins { get; }

    /// <summary>Normalises and judges a resource's base URL.</summary>
    /// <param name="baseUrl">The text as written; null for the default.</param>
    public BaseUrlDecision Decide(string? baseUrl)
    {
        if (baseUrl is null) return new BaseUrlDecision.Allowed(Default);
        if (!BaseUrl.TryParse(baseUrl, out var url, out var problem))
            return Refuse($"{Field} {problem}: correct it, or leave the field out to use {Default}");
        if (_allowed.Contains(url.ToString())) return new BaseUrlDecision.Allowed(url.ToString());
        var detail = url.IsHttps ? "" : " (plain http only as an entry of its own)";
        return Refuse($"{Field} {url} is not on the administrator's list: ask for it to be added to {Setting}{detail}, or leave the field out");
    }

    private static BaseUrlDecision.Refused Refuse(string message) =>
        new(new Failure(FailureKind.Terminal, Reasons.BaseUrlNotAllowed, message + "."));

    private static BaseUrl Read(string entry, string setting) =>
        BaseUrl.TryParse(entry, out var url, out var problem) ? url : throw new FormatException($"{setting} {problem}.");
}

/// <summary>Answer of <see cref="BaseUrlPolicy.Decide"/>.</summary>
public abstract record BaseUrlDecision
{
    private BaseUrlDecision()
    {
    }

    /// <summary>Usable.</summary>
    /// <param name="BaseUrl">The normal form, for <see cref="NangoEndpoint"/>.</param>
    public sealed record Allowed(string BaseUrl) : BaseUrlDecision;

    /// <summary>Not usable.</summary>
    /// <param name="Failure">Terminal, <see cref="Reasons.BaseUrlNotAllowed"/>, with the remedy.</param>
    public sealed record Refused(Failure Failure) : BaseUrlDecision;
}
