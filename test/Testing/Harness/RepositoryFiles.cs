namespace NangoOrleans.Testing;

/// <summary>Files of the repository that tests hold against the code: manifests, documents.</summary>
public static class RepositoryFiles
{
    /// <summary>The folder of the solution.</summary>
    /// <exception cref="DirectoryNotFoundException">The tests do not run from inside the repository.</exception>
    public static string Root { get; } = FindRoot();

    /// <summary>Path of a file.</summary>
    /// <param name="relative">Path from the solution's folder.</param>
    public static string In(string relative) => Path.Combine(Root, relative);

    /// <summary>Text of a file.</summary>
    /// <param name="relative">Path from the solution's folder.</param>
    public static string Read(string relative) => File.ReadAllText(In(relative));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "NangoOrleans.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds NangoOrleans.sln.");
    }
}
