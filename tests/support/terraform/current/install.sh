#!/usr/bin/env bash
# Extracts the schema of the current provider for AWS, for the types named.
#
#   install.sh DIR PYTHON TYPE…
#
# makes, once, DIR/schema.json (from_bindings.py): hashicorp/aws 6.69.1. PYTHON has requirements.txt of
# this folder, and provider.py runs with it. The bindings are under the MPL-2.0 and are not kept.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${1:?usage: install.sh DIR PYTHON TYPE…}
python=${2:?usage: install.sh DIR PYTHON TYPE…}
shift 2
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
wanted=$({ cat "$here"/{install.sh,from_bindings.py}; echo "$@"; } | sha256sum)

exec 9>"$dir/.lock"
flock 9
if [ "$(cat "$dir/done" 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi
rm -rf "${dir:?}"/{done,tmp,schema.json}
mkdir -p "$dir/tmp"
trap 'rm -rf "$dir/tmp"' EXIT
cat >"$dir/tmp/bindings.txt" <<EOF
cdktn-provider-aws==25.8.1 --hash=sha256:2ffa579cb88b063cb3a9937e43c519391e876845768f51638a848bdf2ce9f354
EOF
"$python" -m pip download --quiet --no-input --disable-pip-version-check --no-deps --only-binary :all: \
  --require-hashes -r "$dir/tmp/bindings.txt" -d "$dir/tmp"
"$python" "$here/from_bindings.py" "$dir"/tmp/cdktn_provider_aws-*.whl "$@" >"$dir/tmp/schema.json"
mv "$dir/tmp/schema.json" "$dir/schema.json"
printf '%s\n' "$wanted" >"$dir/done"
