namespace NangoOrleans.Kubernetes.Tests;

/// <summary>JSON as an API server writes it.</summary>
internal static class Objects
{
    public static string Integration(string name, string version, string? uid = null, string spec = """{"unique_key":"k","provider":"slack"}""") =>
        $$$"""{"apiVersion":"nango.nango.dev/v1alpha1","kind":"NangoIntegration","metadata":{"name":"{{{name}}}","namespace":"ns","uid":"{{{uid ?? "uid-" + name}}}","resourceVersion":"{{{version}}}","generation":1,"labels":{"a":"b"},"managedFields":[{"manager":"kubectl"}]},"spec":{{{spec}}}}""";

    public static string Bookmark(string version) =>
        $$$"""{"kind":"NangoIntegration","apiVersion":"nango.nango.dev/v1alpha1","metadata":{"resourceVersion":"{{{version}}}","creationTimestamp":null}}""";

    public static string Status(int code, string reason) =>
        $$$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version: 1 (2)","reason":"{{{reason}}}","code":{{{code}}}}""";
}
