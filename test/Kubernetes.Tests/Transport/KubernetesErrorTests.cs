using System.Text;

namespace NangoOrleans.Kubernetes.Tests.Transport;

public sealed class KubernetesErrorTests
{
    [Theory]
    [InlineData(404, "", KubernetesErrorKind.NotFound)]
    [InlineData(404, """{"reason":"NotFound"}""", KubernetesErrorKind.NotFound)]
    [InlineData(409, """{"reason":"Conflict"}""", KubernetesErrorKind.Conflict)]
    [InlineData(409, """{"reason":"AlreadyExists"}""", KubernetesErrorKind.AlreadyExists)]
    [InlineData(410, "", KubernetesErrorKind.Expired)]
    [InlineData(0, """{"code":410}""", KubernetesErrorKind.Expired)]
    [InlineData(0, """{"reason":"Gone"}""", KubernetesErrorKind.Expired)]
    [InlineData(0, """{"reason":"Expired","code":400}""", KubernetesErrorKind.Expired)]
    [InlineData(504, """{"reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge"}]}}""", KubernetesErrorKind.TooLargeResourceVersion)]
    [InlineData(504, """{"reason":"Timeout"}""", KubernetesErrorKind.Transient)]
    [InlineData(429, "", KubernetesErrorKind.TooManyRequests)]
    [InlineData(422, """{"reason":"Invalid"}""", KubernetesErrorKind.Invalid)]
    [InlineData(403, "<html>proxy</html>", KubernetesErrorKind.Forbidden)]
    [InlineData(401, "", KubernetesErrorKind.Unauthorized)]
    [InlineData(500, """{"reason":"InternalError","message":"etcd"}""", KubernetesErrorKind.Transient)]
    [InlineData(500, "{\"message\":\"failed to create typed patch object (default/a; nango.nango.dev/v1alpha1, Kind=NangoIntegration): .status.attempts: expected numeric\"}", KubernetesErrorKind.Invalid)]
    [InlineData(503, "\"text\"", KubernetesErrorKind.Transient)]
    [InlineData(0, "", KubernetesErrorKind.Transient)]
    [InlineData(400, "", KubernetesErrorKind.Refused)]
    [InlineData(413, """{"details":7}""", KubernetesErrorKind.Refused)]
    public void Answer_means(int status, string body, KubernetesErrorKind expected) =>
        Assert.Equal(expected, KubernetesError.Classify(status, Encoding.UTF8.GetBytes(body)).Kind);

    [Fact]
    public void Fields_are_kept_and_messages_are_not()
    {
        var body = """{"code":422,"reason":"Invalid","message":"Invalid value: \"hush\"","details":{"retryAfterSeconds":3,"causes":[{"reason":"FieldValueInvalid","message":"hush","field":"spec.nango_token"}]}}""";

        var error = KubernetesError.Classify(422, Encoding.UTF8.GetBytes(body));

        Assert.Equal(["spec.nango_token"], error.Fields);
        Assert.Equal(TimeSpan.FromSeconds(3), error.RetryAfter);
        Assert.DoesNotContain("hush", new KubernetesRequestException(error, "PATCH x").ToString() + error, StringComparison.Ordinal);
    }

    [Fact]
    public void Field_refused_by_server_side_apply_is_found_in_its_message()
    {
        var body = """{"code":500,"message":"failed to create typed patch object (default/a; nango.nango.dev/v1alpha1, Kind=NangoIntegration): .status.attempts: expected numeric"}""";

        Assert.Equal(["status.attempts"], KubernetesError.Classify(500, Encoding.UTF8.GetBytes(body)).Fields);
    }
}
