#!/usr/bin/env bash
# build.sh PROGRAM...   publishes programs into artifacts/PROGRAM
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
require_sdk

for program in "$@"; do
  case $program in
    silo) project=src/Silo ;;
    fake-nango) project=test/Testing/FakeNango ;;
    dev-apiserver) project=test/Testing/DevApiServer ;;
    *) echo "build.sh: unknown program $program" >&2; exit 2 ;;
  esac
  dotnet publish "$project" --configuration "$configuration" --output "artifacts/$program" --verbosity quiet
  echo "built artifacts/$program"
done
