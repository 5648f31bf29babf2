#!/usr/bin/env bash
# chaos.sh   SEED= MINUTES= RESOURCES= SILOS= RUNS= OTHER_SILO= : real silos and a real API server, killed, frozen and added while resources come and go.
# OTHER_SILO names a folder with another build of the silo, which every other start runs.
# Needs KUBEBUILDER_ASSETS. The logs of the silos are left in artifacts/chaos/SEED.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
require_sdk

dotnet build test/Chaos --configuration "$configuration" --verbosity quiet
arguments=(--logs artifacts/chaos)
[ -z "${SEED:-}" ] || arguments+=(--seed "$SEED")
[ -z "${MINUTES:-}" ] || arguments+=(--minutes "$MINUTES")
[ -z "${RESOURCES:-}" ] || arguments+=(--resources "$RESOURCES")
[ -z "${SILOS:-}" ] || arguments+=(--silos "$SILOS")
[ -z "${RUNS:-}" ] || arguments+=(--runs "$RUNS")
[ -z "${OTHER_SILO:-}" ] || arguments+=(--other-silo "$OTHER_SILO")
exec artifacts/bin/NangoOrleans.Chaos/release/NangoOrleans.Chaos "${arguments[@]}"
