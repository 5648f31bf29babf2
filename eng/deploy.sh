#!/usr/bin/env bash
# deploy.sh OVERLAY   applies an overlay, with the image named by IMG
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
kubectl=${KUBECTL:-kubectl}

$kubectl kustomize "$1" |
  sed -E "s|^( *)image: nango-integration-operator:latest$|\1image: ${IMG:-nango-integration-operator:latest}|" |
  $kubectl apply -f -
