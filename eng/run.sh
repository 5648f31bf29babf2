#!/usr/bin/env bash
# run.sh   CLUSTER= : a cluster double, a fake Nango and the operator, all on this machine
#          CLUSTER=current : the operator on this machine, for the cluster of your kubeconfig and your NANGO_TOKEN
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

eng/build.sh silo
dotnet build test/Testing/LocalRun --configuration "$configuration" --verbosity quiet
arguments=(--silo artifacts/silo/NangoOrleans.Silo)
case ${CLUSTER:-} in
  "") ;;
  current) arguments+=(--current-cluster) ;;
  *) echo "CLUSTER is either empty or \"current\"." >&2; exit 2 ;;
esac
[ "${SAMPLES:-}" != 1 ] || arguments+=(--samples)
exec artifacts/bin/NangoOrleans.LocalRun/release/NangoOrleans.LocalRun "${arguments[@]}" "$@"
