using System.Text.Json;

namespace NangoOrleans.Hosting;

/// <summary>The ports in use, for scripts that let the operator choose free ones.</summary>
/// <param name="Http">Health and metrics.</param>
/// <param name="Dashboard">Orleans Dashboard.</param>
/// <param name="Silo">Other silos.</param>
/// <param name="Gateway">Orleans clients.</param>
internal sealed record PortAnnouncement(int Http, int Dashboard, int Silo, int Gateway)
{
    /// <summary>Writes the ports as JSON; a reader sees the whole file or none.</summary>
    /// <param name="path">File to write or replace.</param>
    public void Write(string path)
    {
        var unfinished = path + ".tmp";
        File.WriteAllText(unfinished, JsonSerializer.Serialize(this, JsonSerializerOptions.Web) + "\n");
        File.Move(unfinished, path, overwrite: true);
    }
}
