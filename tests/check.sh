# For suites in shell, which source it: counts what holds and what does not. Needs a folder $work.

passed=0 failed=0
check() { # NAME COMMAND…: passes when the command does
    local name=$1
    shift
    if "$@" >"$work/check.log" 2>&1; then
        passed=$((passed + 1))
        echo "ok   $name"
    else
        failed=$((failed + 1))
        echo "FAIL $name"
        tail -n 25 "$work/check.log" | sed 's/^/       /'
    fi
}
