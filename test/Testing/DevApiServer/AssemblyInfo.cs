using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("NangoOrleans.DevApiServer.Tests")]
