using NangoOrleans.Testing.ApiServers;

[assembly: AssemblyFixture(typeof(SharedApiServer))]
