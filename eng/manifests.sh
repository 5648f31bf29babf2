#!/usr/bin/env bash
# manifests.sh [--check]   writes k8s/crd from the C# types, or says that it is out of date
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

target=k8s/crd/nango.nango.dev_nangointegrations.yaml
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
artifacts/silo/NangoOrleans.Silo crd >"$fresh"

if [ "${1:-}" = --check ]; then
  if ! diff -u "$target" "$fresh"; then
    echo "k8s/crd is out of date: run \"make manifests\" and commit the result." >&2
    exit 1
  fi
else
  cp "$fresh" "$target"
fi
