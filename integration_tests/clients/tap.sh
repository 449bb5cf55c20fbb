#!/usr/bin/env bash
# tap.sh FOLDER CONNECTOR ARGUMENTS: becomes the connector, with its exit code and its signals, and keeps what goes into
# it and comes out of it in a folder of its own below FOLDER: catalog.json, stdin (of write), stdout.
kept=$(mktemp -d "$1/$(date +%s%N)-$3-XXXX")
connector=$2
shift 2
if [[ "$*" =~ --catalog\ ([^ ]+) ]]; then
  cp "${BASH_REMATCH[1]}" "$kept/catalog.json"
fi
if [ "$1" = write ]; then
  exec "$connector" "$@" < <(tee "$kept/stdin") > >(tee "$kept/stdout")
fi
exec "$connector" "$@" > >(tee "$kept/stdout")
