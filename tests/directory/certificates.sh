#!/usr/bin/env bash
# A certificate authority and the certificates that a directory's server may show, good and bad, made on the spot.
#
#   tests/directory/certificates.sh DIR
#
# Leaves ca.pem, other-ca.pem, and for each of good, soon, wrong-name, by-other, expired and self-signed: NAME.pem and
# NAME.key. Good ones are for dc1.clinic.test and for 127.0.0.1 and 127.0.0.2.
set -euo pipefail
mkdir -p "$1"
cd "$1"
key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)

authority() { # NAME
  openssl req -x509 "${key[@]}" -keyout "$1.key" -out "$1.pem" -days 3650 -subj "/CN=Test authority $1" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}

server() { # NAME AUTHORITY NAMES DATES…
  local name=$1 authority=$2 names=$3
  shift 3
  openssl req "${key[@]}" -keyout "$name.key" -out "$name.csr" -subj "/CN=directory" 2>/dev/null
  printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature\n' "$names" >"$name.ext"
  openssl x509 -req -in "$name.csr" -CA "$authority.pem" -CAkey "$authority.key" -CAcreateserial -extfile "$name.ext" \
    -out "$name.pem" "$@" 2>/dev/null
}

ours=DNS:dc1.clinic.test,IP:127.0.0.1,IP:127.0.0.2
authority ca
authority other-ca
server good ca "$ours" -days 365
server soon ca "$ours" -days 12
server wrong-name ca DNS:elsewhere.test,IP:127.9.9.9 -days 365
server by-other other-ca "$ours" -days 365
# It ended yesterday. `x509 -req` takes no dates before 3.4, `ca` does.
server expired-now ca "$ours" -days 1
: >index.txt
printf '[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n' >ca.conf
openssl rand -hex 8 >serial
openssl ca -batch -config ca.conf -cert ca.pem -keyfile ca.key -in expired-now.csr -out expired.pem -notext \
  -extfile expired-now.ext -startdate 20200101000000Z -enddate 20200201000000Z 2>/dev/null
mv expired-now.key expired.key
openssl req -x509 "${key[@]}" -keyout self-signed.key -out self-signed.pem -days 365 -subj "/CN=directory" \
  -addext "subjectAltName=$ours" 2>/dev/null
