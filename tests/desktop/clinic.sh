# Sourced after stage.sh: a clinic's directory of its own (tests/directory), for as long as the script runs.
#
# Leaves: CLINIC, a folder with certificates and directory.toml, the settings; and CLINIC_PORT for LDAPS on 127.0.0.1.
#         Both are empty where OpenLDAP or openssl is not installed.

export CLINIC= CLINIC_PORT=
if [[ -x /usr/sbin/slapd ]] && command -v openssl >/dev/null; then
    CLINIC=$work/clinic-directory
    "$root/tests/directory/certificates.sh" "$CLINIC"
    for _ in 1 2 3 4 5; do
        CLINIC_PORT=$((20000 + RANDOM % 20000))
        "$root/tests/directory/slapd.sh" "$CLINIC" 127.0.0.1 "$CLINIC_PORT" "$((CLINIC_PORT + 1))" good >"$work/slapd.log" 2>&1 &
        slapd=$!
        for _ in $(seq 200); do
            (exec 3<>"/dev/tcp/127.0.0.1/$CLINIC_PORT") 2>/dev/null && break 2
            kill -0 "$slapd" 2>/dev/null || break
            sleep 0.05
        done
        CLINIC_PORT=
    done
    [[ -n $CLINIC_PORT ]] || { cat "$work/slapd.log" >&2; exit 2; }
    pids+=("$slapd")
    cat >"$CLINIC/directory.toml" <<TOML
kind = "openldap"
servers = ["ldaps://127.0.0.1:$CLINIC_PORT?name=dc1.clinic.test"]
ca_file = "ca.pem"
bind = "search"
people_base = "ou=people,dc=clinic,dc=test"
[[groups]]
dn = "cn=clinicians,ou=groups,dc=clinic,dc=test"
role = "clinician"
TOML
fi
