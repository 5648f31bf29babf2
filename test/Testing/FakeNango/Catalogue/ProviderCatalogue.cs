using System.Collections.Frozen;

namespace NangoOrleans.FakeNango;

/// <summary>A short list of our own: well-known services, every auth mode of Nango at least once.</summary>
public static class ProviderCatalogue
{
    /// <summary>All providers in catalogue order.</summary>
    public static IReadOnlyList<Provider> All { get; } =
    [
        new("airtable", "Airtable", "OAUTH2"),
        new("asana", "Asana", "OAUTH2") { RoutesWebhooks = true },
        new("asana-mcp", "Asana (MCP)", "MCP_OAUTH2") { ClientRegistration = "static" },
        new("aws-sigv4", "AWS (Signature Version 4)", "AWS_SIGV4")
        {
            ConfigFields =
            [
                new("service", "Service"),
                new("region", "Region"),
                new("stsMode", "STS mode") { Optional = true, OneOf = ["builtin", "custom"] },
                new("stsEndpoint", "STS endpoint") { Optional = true, IsUrl = true },
            ],
        },
        new("bill", "Bill", "BILL"),
        new("calendly", "Calendly", "OAUTH2"),
        new("confluence", "Confluence", "OAUTH2"),
        new("discord", "Discord", "OAUTH2") { DefaultScopes = ["identify", "guilds"] },
        new("dropbox", "Dropbox", "OAUTH2"),
        new("figma", "Figma", "OAUTH2"),
        new("freshdesk", "Freshdesk", "BASIC"),
        new("garmin", "Garmin", "OAUTH1"),
        new("generic-mcp", "Generic (MCP)", "MCP_OAUTH2_GENERIC"),
        new("github", "GitHub", "OAUTH2"),
        new("github-app", "GitHub App", "APP") { RoutesWebhooks = true },
        new("github-app-oauth", "GitHub App (OAuth)", "CUSTOM") { RoutesWebhooks = true },
        new("gitlab", "GitLab", "OAUTH2"),
        new("google", "Google", "OAUTH2"),
        new("google-calendar", "Google Calendar", "OAUTH2") { DefaultScopes = ["https://www.googleapis.com/auth/calendar.readonly"] },
        new("google-drive", "Google Drive", "OAUTH2"),
        new("google-service-account", "Google Service Account", "TWO_STEP"),
        new("hubspot", "HubSpot", "OAUTH2") { RoutesWebhooks = true },
        new("intercom", "Intercom", "OAUTH2") { RoutesWebhooks = true },
        new("jira", "Jira", "OAUTH2") { RoutesWebhooks = true },
        new("jira-basic", "Jira (Basic)", "BASIC"),
        new("linear", "Linear", "OAUTH2") { RoutesWebhooks = true },
        new("mailchimp", "Mailchimp", "OAUTH2"),
        new("microsoft", "Microsoft", "OAUTH2") { DefaultScopes = ["offline_access", ".default"] },
        new("netsuite-tba", "NetSuite (TBA)", "TBA") { DefaultScopes = ["rest_webservices"] },
        new("notion", "Notion", "OAUTH2"),
        new("notion-mcp", "Notion (MCP)", "MCP_OAUTH2") { ClientRegistration = "dynamic" },
        new("openai", "OpenAI", "API_KEY"),
        new("private-api-generic", "Private API (generic)", "API_KEY")
        {
            ConfigFields =
            [
                new("keyName", "Key name"),
                new("keyPlacement", "Key placement") { OneOf = ["header", "query"], DefaultValue = "header" },
                new("keyLabel", "Key label") { Optional = true },
                new("baseUrl", "Base URL") { IsUrl = true },
            ],
        },
        new("salesforce", "Salesforce", "OAUTH2") { RoutesWebhooks = true },
        new("sendgrid", "SendGrid", "API_KEY"),
        new("shopify", "Shopify", "OAUTH2"),
        new("slack", "Slack", "OAUTH2") { RoutesWebhooks = true },
        new("stripe", "Stripe", "API_KEY") { RoutesWebhooks = true },
        new("tableau", "Tableau", "TWO_STEP"),
        new("trello", "Trello", "OAUTH1"),
        new("twitter", "Twitter", "OAUTH1"),
        new("twilio", "Twilio", "BASIC"),
        new("two-step", "Two-step (generic)", "TWO_STEP"),
        new("unauthenticated", "Unauthenticated", "NONE"),
        new("workday-signature", "Signature (generic)", "SIGNATURE"),
        new("wordpress-plugin", "WordPress (plugin)", "INSTALL_PLUGIN"),
        new("xero", "Xero", "OAUTH2"),
        new("zendesk", "Zendesk", "OAUTH2"),
        new("ghost-admin", "Ghost Admin", "JWT"),
        new("zoom-cc", "Zoom (client credentials)", "OAUTH2_CC"),
    ];

    private static readonly FrozenDictionary<string, Provider> ByName = All.ToFrozenDictionary(provider => provider.Name, StringComparer.Ordinal);

    // Nango looks providers up in a plain JavaScript object, so these names are "found" and make broken integrations.
    private static readonly FrozenSet<string> BuiltIns = FrozenSet.ToFrozenSet(
        ["constructor", "toString", "toLocaleString", "valueOf", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "__proto__"], StringComparer.Ordinal);

    /// <summary>The provider of this exact name, or null.</summary>
    public static Provider? Find(string name) =>
        ByName.GetValueOrDefault(name) ?? (BuiltIns.Contains(name) ? new Provider(name, null, null) : null);
}
