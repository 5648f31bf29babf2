#!/usr/bin/env bash
# undeploy.sh OVERLAY   deletes what an overlay applied, unless NangoIntegrations remain: without the operator nobody would
# take their finalizers off, and the definition could not go away.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
kubectl=${KUBECTL:-kubectl}
definition=nangointegrations.nango.nango.dev

# Assigned, not tested in place: an API server that does not answer must end the script.
installed=$($kubectl get "customresourcedefinition/$definition" --ignore-not-found --output name)
if [ -n "$installed" ]; then
  remaining=$($kubectl get "$definition" --all-namespaces --output jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name}{"\n"}{end}')
  if [ -n "$remaining" ]; then
    echo "Refused: these NangoIntegrations remain; delete them first (deletion_policy: Retain keeps an integration in Nango):" >&2
    echo "$remaining" | head -20 >&2
    total=$(echo "$remaining" | wc -l)
    [ "$total" -le 20 ] || echo "… and $((total - 20)) more" >&2
    echo "Or stop the operator and take its finalizer off all of them, leaving Nango as it is: NangoOrleans.Silo release --all --yes" >&2
    exit 1
  fi
fi
$kubectl delete --ignore-not-found -k "$1"
