# Everything a developer or a pipeline needs; "make help" lists it.
SHELL := /bin/bash
KUBECTL ?= kubectl
IMG ?= nango-integration-operator:latest
OVERLAY ?= k8s/overlays/default

.DEFAULT_GOAL := help
.PHONY: help build test check format manifests wire-contract run clean image install uninstall deploy undeploy chaos

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the programs into artifacts/silo, artifacts/fake-nango, artifacts/dev-apiserver
	@eng/build.sh silo fake-nango dev-apiserver

test: ## Run all tests (with KUBEBUILDER_ASSETS set, also those against a real API server)
	@eng/test.sh

check: ## All that must hold before a merge: formatting, build, manifests, tests
	dotnet format whitespace . --folder --exclude artifacts --verify-no-changes
	@eng/build.sh silo fake-nango dev-apiserver
	@eng/manifests.sh --check
	@eng/test.sh

format: ## Format the sources (what else style asks for, the build enforces)
	dotnet format whitespace . --folder --exclude artifacts

manifests: ## Write k8s/crd from the C# types
	@eng/build.sh silo
	@eng/manifests.sh

wire-contract: ## Add new wire types to the list that a test holds against the code
	@eng/wire-contract.sh

run: ## Run a whole local set-up without a cluster; CLUSTER=current uses your kubeconfig's cluster (SAMPLES=1: with samples)
	@CLUSTER="$(CLUSTER)" SAMPLES="$(SAMPLES)" eng/run.sh

chaos: ## Kill, freeze and add silos while resources come and go (SEED= MINUTES= RESOURCES= SILOS= RUNS= OTHER_SILO=; needs KUBEBUILDER_ASSETS)
	@SEED="$(SEED)" MINUTES="$(MINUTES)" RESOURCES="$(RESOURCES)" SILOS="$(SILOS)" RUNS="$(RUNS)" OTHER_SILO="$(OTHER_SILO)" eng/chaos.sh

clean: ## Remove everything that was built
	rm -rf artifacts

image: ## Build the container image (IMG=name:tag)
	docker build --tag $(IMG) .

install: ## Install the custom resource definitions into the current cluster
	$(KUBECTL) apply -k k8s/crd

uninstall: ## Remove the definitions; refuses while resources remain
	@KUBECTL="$(KUBECTL)" eng/undeploy.sh k8s/crd

deploy: ## Deploy the operator into the current cluster (IMG=name:tag)
	@KUBECTL="$(KUBECTL)" IMG="$(IMG)" eng/deploy.sh $(OVERLAY)

undeploy: ## Remove the operator and the definitions; refuses while resources remain
	@KUBECTL="$(KUBECTL)" eng/undeploy.sh $(OVERLAY)
