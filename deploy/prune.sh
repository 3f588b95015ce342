#!/bin/sh
# Removes from a production install what nothing reads while the system runs: declarations, source maps, prose, and
# the halves of Prisma's client that are for other databases. Licences stay.
#
#   deploy/prune.sh FOLDER
set -eu

find "$1" -path '*/node_modules/*' -type f \( \
  -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.md' -o -name '*.markdown' \
  \) ! -iname '*licen[cs]e*' ! -iname '*notice*' -delete
find "$1" -path '*/node_modules/@types' -prune -exec rm -rf {} +
find "$1" -path '*/node_modules/@prisma/client/runtime/*' -type f \
  ! -name 'client.*' ! -name 'query_compiler_fast_bg.postgresql.*' -delete
# Built twice more for bundlers; Node takes build/src.
find "$1" -path '*/node_modules/@opentelemetry/*/build/es*' -prune -type d -exec rm -rf {} +
find "$1" -type d -empty -path '*/node_modules/*' -delete
