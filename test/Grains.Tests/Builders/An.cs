namespace NangoOrleans.Grains.Tests.Builders;

internal static class An
{
    public static IntegrationBuilder Integration() => new();
}
