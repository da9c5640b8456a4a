#!/bin/sh
# Writes the pinned requirement files: hashes, no index address, nothing younger than a week.
set -eu
cd "$(dirname "$0")/.."
week_ago=$(date -u -d '7 days ago' +%Y-%m-%dT00:00:00Z)
compile() { .tools/bin/uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url --no-annotate --python-version 3.11 --exclude-newer "$week_ago" "$@"; }
compile pyproject.toml -o requirements/run.txt
compile pyproject.toml --extra serve --extra postgres --extra encoder --group dev requirements/build.in -o requirements/dev.txt
compile pyproject.toml --group docs --constraint requirements/dev.txt -o requirements/docs.txt
compile pyproject.toml --extra spark --constraint requirements/dev.txt -o requirements/spark.txt
echo uv | compile - -o requirements/uv.txt
