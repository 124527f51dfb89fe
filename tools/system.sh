#!/bin/sh
# Installs the real clients and servers the test-suite talks to, where it may; otherwise names the command that does.
set -eu
packages="postgresql baresip-core sip-tester linphone-cli flite sox tcpdump chromium fonts-noto-cjk"
missing=""
for package in $packages; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing from Debian:$missing"
    apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "The test-suite needs these packages. Run:  sudo apt-get install$missing" >&2
    exit 1
fi
