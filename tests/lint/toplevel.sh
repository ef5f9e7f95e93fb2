#!/bin/sh
# The top level is fixed: nothing else may appear there but dotfiles.
# Usage: toplevel.sh SOURCE_ROOT
set -eu

cd "$1"
git rev-parse --git-dir >/dev/null 2>&1 || exit 77
git ls-files | cut -d/ -f1 | sort -u |
    awk '!/^(daemon|proto|adapters|config|deploy|tests|meson\.build|README\.md|\..*)$/ {
             print $0 " does not belong to the top level"; bad = 1
         }
         END { exit bad }'
