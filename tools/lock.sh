#!/bin/sh
# Writes the lock files from pyproject.toml: every package of every supported Python, with hashes and no index host.
set -eu
cd "$(dirname "$0")/.."
UV="${UV:-uv}"
common="--generate-hashes --no-emit-index-url --universal --python-version 3.11 --no-header --no-annotate --quiet"
"$UV" pip compile pyproject.toml --extra piper --extra build $common -o requirements/run.lock
"$UV" pip compile pyproject.toml --extra piper --extra build --extra dev $common -o requirements/dev.lock
