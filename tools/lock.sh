#!/usr/bin/env bash
# Writes the lock files anew: every package with its hashes, no address in any of them.
# In: pyproject.toml, package.json. Out: requirements.lock, requirements-dev.lock, tools/node.lock,
# tools/native.lock, package-lock.json.
# `tools/lock.sh --upgrade` takes the newest versions pyproject.toml allows; without it, locked versions stay.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/registry.sh
take_pip_settings .venv/bin/python
uv=${UV:-.venv/bin/uv}

compile() {
    local output=$1
    shift
    echo "lock: $output"
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        --output-file "$output" "$@"
}

extras="--extra crypto --extra queue --extra devices"
# shellcheck disable=SC2086 -- the list is meant to be split
compile requirements.lock pyproject.toml $extras --group setup "$@"
# shellcheck disable=SC2086
compile requirements-dev.lock pyproject.toml $extras --group setup --group dev --constraint requirements.lock "$@"
compile tools/node.lock --group node "$@"
echo "gmalglib>=0.5.9" | compile tools/native.lock - "$@"

echo "lock: package-lock.json"
npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved=true --no-audit --no-fund \
    --loglevel=error
