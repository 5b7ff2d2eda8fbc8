#!/bin/sh
# The browser that the tests of the page drive, brought by Debian's name where it is missing. `make test` asks for it.
set -eu

missing=""
command -v chromium >/dev/null || missing="$missing chromium"
command -v chromedriver >/dev/null || missing="$missing chromium-driver"
if command -v dpkg-query >/dev/null && ! dpkg-query -s fonts-noto-color-emoji >/dev/null 2>&1; then
  missing="$missing fonts-noto-color-emoji"
fi
[ -n "$missing" ] || exit 0

refuse() {
  echo "The tests drive a browser that is not here and can't be installed from here ($1): install$missing" \
    "(on Debian, as root: apt-get install$missing), then run make test again." >&2
  exit 1
}

command -v apt-get >/dev/null || refuse "this is no Debian"
as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || refuse "you are not root, and there is no sudo"
  as_root="sudo"
fi

echo "Installing (once)$missing …"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086  # the names are words of their own
if ! { $as_root apt-get update -q &&
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing; } >"$log" 2>&1; then
  cat "$log" >&2
  refuse "apt-get failed, see above"
fi
