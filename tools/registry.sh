# Sourced by the scripts beside it. uv reads no pip configuration: hand it what the machine's pip was told, at run
# time and only where uv was not told itself, so that no address ever stands in this project.

pip_setting() { # INTERPRETER NAME: prints the value, or nothing; `config get` overlooks some of pip's files
    "$1" -m pip config list 2>/dev/null | sed -n "s/^global\.$2='\(.*\)'\$/\1/p" || true
}

take_pip_settings() { # INTERPRETER with pip
    local value
    export UV_PYTHON_DOWNLOADS=never
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        value=${PIP_INDEX_URL:-$(pip_setting "$1" index-url)}
        if [ -n "$value" ]; then export UV_DEFAULT_INDEX=$value; fi
    fi
    if [ -z "${SSL_CERT_FILE:-}" ]; then
        value=${PIP_CERT:-$(pip_setting "$1" cert)}
        if [ -n "$value" ]; then export SSL_CERT_FILE=$value; fi
    fi
}
