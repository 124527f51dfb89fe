#!/bin/sh
# Imports the product and holds a short chat on the other supported Pythons, where they are installed.
set -eu
cd "$(dirname "$0")/.."
for version in 3.12 3.13; do
    python=$(command -v "python$version" || true)
    if [ -z "$python" ] || ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        echo "Python $version is not installed here: smoke skipped"
        continue
    fi
    home=".venv-$version"
    if [ ! -e "$home/.done" ] || [ requirements/run.lock -nt "$home/.done" ]; then
        "$python" -m venv "$home"
        "$home/bin/python" -m pip --disable-pip-version-check install --quiet --require-hashes --no-deps -r requirements/run.lock
        touch "$home/.done"
    fi
    PYTHONPATH=. "$home/bin/python" -W error::SyntaxWarning -m tests.support.smoke
done
