#!/bin/sh
# Checks every file of this folder against SHA256SUMS. Needs sh and sha256sum.
cd "$(dirname "$0")" || exit 2
if ! sha256sum --check --strict --quiet SHA256SUMS; then
  echo "NOT what was made: copy the archive again, and find out who changed it." >&2
  exit 1
fi
# What is here and was never listed: somebody put it in.
listed=$(cut -c 67- SHA256SUMS | LC_ALL=C sort)
here=$(find . -type f ! -path ./SHA256SUMS | cut -c 3- | LC_ALL=C sort)
if [ "$listed" != "$here" ]; then
  echo "NOT what was made: there are files that the list does not name:" >&2
  find . -type f ! -path ./SHA256SUMS | cut -c 3- | while read -r file; do
    cut -c 67- SHA256SUMS | grep -Fxq -- "$file" || echo "  $file" >&2
  done
  exit 1
fi
echo "Every file is what was made. SHA-256 of the list, to compare:"
sha256sum SHA256SUMS | cut -c 1-64
