# Sourced by the other scripts: the repository's folder, and a .NET SDK that is good enough.
cd "$(dirname "${BASH_SOURCE[0]}")/.."
configuration=Release
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

require_sdk() {
  if ! command -v dotnet >/dev/null; then
    echo "The .NET 10 SDK is missing: install it from https://dotnet.microsoft.com/download and run this again." >&2
    exit 1
  fi
  if ! dotnet --version >/dev/null 2>&1; then
    echo "No installed .NET SDK satisfies global.json: install the .NET 10 SDK from https://dotnet.microsoft.com/download." >&2
    exit 1
  fi
}
