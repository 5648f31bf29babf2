namespace NangoOrleans.Testing;

/// <summary>A folder that is gone after the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nango-orleans-test-");

    /// <summary>A path inside the folder.</summary>
    /// <param name="name">Name of a file, which need not exist.</param>
    public string In(string name) => Path.Combine(_folder.FullName, name);

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
