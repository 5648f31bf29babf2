using System.Text;
using NangoOrleans.Failures;

namespace NangoOrleans.Nango.Tests;

/// <summary>Whatever a server answers, and whatever is sent, stays out of failures.</summary>
public sealed class LeakTests
{
    private const string Canary = "c4n4ry";

    public static TheoryData<int, string, string> Answers
    {
        get
        {
            string[] bodies =
            [
                $"{Canary} {{",
                """{"data":{"unique_key":"c4n4ry","created_at":"x"}}""",
                """{"data":{"unique_key":1,"c4n4ry":"c4n4ry"}}""",
                """{"error":"c4n4ry"}""",
                """{"error":{"code":"c4n4ry","message":"c4n4ry","errors":[{"code":"c4n4ry","message":"c4n4ry","path":["c4n4ry"]}]}}""",
                """{"error":{"code":"invalid_body","message":"Unknown field c4n4ry","errors":[{"code":"unrecognized_keys","message":"\"custom\" \"c4n4ry\"","path":["credentials","c4n4ry",1,null]}]}}""",
                """{"error":{"code":"forbidden","message":"Insufficient scope. Required: c4n4ry"}}""",
                """{"error":{"code":"not_found","message":"Unknown provider c4n4ry"}}""",
            ];
            var data = new TheoryData<int, string, string>();
            foreach (var status in (int[])[200, 302, 400, 401, 403, 404, 415, 429, 500])
            {
                foreach (var body in bodies) data.Add(status, "application/json", body);
                data.Add(status, "text/html", $"<html>{Canary}");
                data.Add(status, $"text/{Canary}", Canary);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Answers))]
    public async Task Nothing_of_an_answer_or_a_request_reaches_a_failure(int status, string contentType, string body)
    {
        var secret = "s3cr3t-" + Canary;
        await using var server = await OddServer.StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = contentType;
            context.Response.Headers.Location = $"https://{Canary}.example.com/{Canary}";
            context.Response.Headers["Retry-After"] = Canary;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body));
        });
        var (host, _) = ClientHost.For(server);
        await using var __ = host;
        var client = host.Client(server.BaseUrl, "token-" + Canary);
        var credentials = new RemoteCredentials { Type = "OAUTH2", ClientId = secret, ClientSecret = secret };
        var stop = TestContext.Current.CancellationToken;
        Func<Task>[] calls =
        [
            .. Calls.All.Values.Select(call => (Func<Task>)(() => call(client, stop))),
            () => client.CreateAsync(Calls.Creation with { Credentials = credentials }, stop),
            () => client.UpdateAsync("github-1", new() { Credentials = credentials }, stop),
        ];

        foreach (var call in calls)
        {
            var thrown = await Record.ExceptionAsync(call);

            if (thrown is null) continue;
            Assert.DoesNotContain(Canary, thrown.ToString(), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Canary, Assert.IsType<FailureException>(thrown).Failure.ToString(), StringComparison.OrdinalIgnoreCase);
        }
    }
}
