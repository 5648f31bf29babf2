using System.CommandLine;
using NangoOrleans.Testing.ApiServer;

var port = new Option<int>("--port") { Description = "TCP port on loopback; 0 takes a free one." };
var kubeconfig = new Option<FileInfo?>("--kubeconfig") { Description = "File to write a kubeconfig to (address, authority, token)." };
var token = new Option<string?>("--token") { Description = "Bearer token that clients must present; random by default." };
var command = new RootCommand(DevApiServer.Banner) { port, kubeconfig, token };
command.SetAction(async (arguments, cancellationToken) =>
{
    await using var server = await DevApiServer.StartAsync(
        new DevApiServerOptions { Port = arguments.GetValue(port), Token = arguments.GetValue(token) }, cancellationToken);
    Console.WriteLine(DevApiServer.Banner);
    if (arguments.GetValue(kubeconfig) is { } file)
    {
        server.WriteKubeconfig(file.FullName);
        Console.WriteLine($"kubeconfig: {file.FullName}");
    }

    Console.WriteLine($"Listening {server.BaseUrl.AbsoluteUri.TrimEnd('/')}");
    await server.WaitForShutdownAsync(cancellationToken);
    return 0;
});
return await command.Parse(args).InvokeAsync();
