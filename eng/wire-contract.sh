#!/usr/bin/env bash
# wire-contract.sh   adds new wire types to test/Abstractions.Tests/Wire/WireContract.txt; fails if an old silo would misread a changed one
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
require_sdk

project=NangoOrleans.Abstractions.Tests
dotnet build test/Abstractions.Tests --configuration "$configuration" --verbosity quiet
WIRE_CONTRACT_UPDATE=1 "artifacts/bin/$project/release/$project" -noLogo -noColor -class '*WireContractTests'
