#!/usr/bin/env bash
# A throw-away OpenLDAP server on loopback, in the foreground. It ends with SIGTERM and leaves nothing running.
#
#   tests/directory/slapd.sh DIR ADDRESS TLSPORT PLAINPORT CERTIFICATE
#
# DIR holds what tests/directory/certificates.sh made; CERTIFICATE is one of its names. The directory dc=clinic,dc=test
# lies in DIR/slapd-ADDRESS-TLSPORT. What is in it stands in tests/directory/people.ldif; its root is cn=root,dc=clinic,dc=test with the
# password "rootword".
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=$(cd "$1" && pwd) address=$2 tls=$3 plain=$4 certificate=$5
base=$dir/slapd-$address-$tls
mkdir -p "$base/db"
cat >"$base/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
pidfile $base/pid
TLSCACertificateFile $dir/ca.pem
TLSCertificateFile $dir/$certificate.pem
TLSCertificateKeyFile $dir/$certificate.key
# As some directories are: a bind with a name and no password succeeds, as nobody.
allow bind_anon_cred bind_anon_dn
# No password in the clear.
security simple_bind=128
database mdb
suffix dc=clinic,dc=test
rootdn cn=root,dc=clinic,dc=test
rootpw rootword
directory $base/db
maxsize 16777216
dbnosync
overlay ppolicy
ppolicy_default cn=policy,dc=clinic,dc=test
ppolicy_use_lockout
access to attrs=userPassword by self =xw by anonymous auth by * none
access to dn.subtree=ou=closed,dc=clinic,dc=test by dn.exact=cn=search,dc=clinic,dc=test read by * none
access to * by * read
CONF
if [[ ! -f $base/seeded ]]; then
  /usr/sbin/slapadd -q -f "$base/slapd.conf" -l "$here/people.ldif"
  touch "$base/seeded"
fi
# -d 0 keeps it in the foreground.
exec /usr/sbin/slapd -f "$base/slapd.conf" -h "ldaps://$address:$tls ldap://$address:$plain" -d 0
