#!/usr/bin/env bash
# manifests.sh [--check]   writes k8s/crd and the chart's copy of it from the C# types, or says that they are out of date
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
artifacts/silo/NangoOrleans.Silo crd --directory "$fresh"
cp k8s/crd/kustomization.yaml "$fresh"

if [ "${1:-}" = --check ]; then
  if ! diff -ru k8s/crd "$fresh"; then
    echo "k8s/crd is out of date: run \"make manifests\" and commit the result." >&2
    exit 1
  fi
  rm "$fresh/kustomization.yaml"
  if ! diff -ru k8s/chart/files/crd "$fresh"; then
    echo "k8s/chart/files/crd is out of date: run \"make manifests\" and commit the result." >&2
    exit 1
  fi
else
  cp "$fresh"/*.yaml k8s/crd/
  rm "$fresh/kustomization.yaml"
  rm -rf k8s/chart/files/crd
  mkdir -p k8s/chart/files/crd
  cp "$fresh"/*.yaml k8s/chart/files/crd/
fi
