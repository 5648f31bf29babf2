#!/usr/bin/env bash
# undeploy.sh OVERLAY   deletes what an overlay applied, unless resources of ours remain: without the operator nobody would take
# the finalizers off NangoIntegrations, and with their definitions all NangoEnvironments would go.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
kubectl=${KUBECTL:-kubectl}
namespace=nango-integration-operator-system

# Prints namespace/name of every object of a kind; nothing where its definition is not installed.
# Assigned, not tested in place: an API server that does not answer must end the script.
remaining() { # plural
  local definition=$1.nango.nango.dev installed
  installed=$($kubectl get "customresourcedefinition/$definition" --ignore-not-found --output name)
  [ -z "$installed" ] ||
    $kubectl get "$definition" --all-namespaces --output jsonpath='{range .items[*]}{.metadata.namespace}/{.metadata.name}{"\n"}{end}'
}

show() { # list
  head -20 <<<"$1" >&2
  local total
  total=$(wc -l <<<"$1")
  [ "$total" -le 20 ] || echo "… and $((total - 20)) more" >&2
}

integrations=$(remaining nangointegrations)
if [ -n "$integrations" ]; then
  echo "Refused: these NangoIntegrations remain; delete them first (deletion_policy: Retain keeps an integration in Nango):" >&2
  show "$integrations"
  cat >&2 <<END
Or stop the operator, take its finalizer off all of them, and delete them, which leaves Nango as it is:
  $kubectl scale --namespace $namespace deployment --all --replicas=0
  artifacts/silo/NangoOrleans.Silo release --all --yes
  $kubectl delete nangointegrations --all --all-namespaces
END
  exit 1
fi

environments=$(remaining nangoenvironments)
clusterenvironments=$(remaining clusternangoenvironments)
if [ -n "$environments$clusterenvironments" ]; then
  echo "Refused: these environments remain; keep a copy if you will need them again, and delete them:" >&2
  [ -z "$environments" ] || show "$environments"
  [ -z "$clusterenvironments" ] || show "$clusterenvironments"
  echo "  $kubectl delete nangoenvironments --all --all-namespaces; $kubectl delete clusternangoenvironments --all" >&2
  exit 1
fi

$kubectl delete --ignore-not-found -k "$1"
