#!/usr/bin/env python3
"""A second reader of the vault, written from docs/formats.md alone.

It opens every account of the good vault here and the encrypted file, checks every signature, and compares what it finds
with expected.json. Needs Python 3.11 and `cryptography` 44 or later; the product needs neither.
"""

import base64, hashlib, hmac, json, pathlib, sys, unicodedata
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HERE = pathlib.Path(__file__).parent


def b64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jcs(value):  # enough of RFC 8785 for our files: no floats, names in ASCII
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def bind(label, context):
    return label.encode() + b"\0" + jcs(context)


def extract(salt, ikm):
    return hmac.digest(salt or bytes(32), ikm, "sha256")


def expand(prk, info, length):
    out, block = b"", b""
    while len(out) < length:
        block = hmac.digest(prk, block + info + bytes([len(out) // 32 + 1]), "sha256")
        out += block
    return out[:length]


def hkdf(ikm, info, salt=b""):
    return expand(extract(salt, ikm), info, 32)


def raw(public):
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


# HPKE, RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, base mode.
KEM, SUITE = b"KEM\0\x20", b"HPKE\0\x20\0\x01\0\x02"


def labeled_extract(suite, salt, label, ikm):
    return extract(salt, b"HPKE-v1" + suite + label + ikm)


def labeled_expand(suite, prk, label, info, length):
    return expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def derive_pair(seed):
    return X25519PrivateKey.from_private_bytes(
        labeled_expand(KEM, labeled_extract(KEM, b"", b"dkp_prk", seed), b"sk", b"", 32)
    )


def hpke_open(private, info, sealed):
    enc, ciphertext = sealed[5:37], sealed[37:]
    dh = private.exchange(X25519PublicKey.from_public_bytes(enc))
    shared = labeled_expand(
        KEM, labeled_extract(KEM, b"", b"eae_prk", dh), b"shared_secret", enc + raw(private.public_key()), 32
    )
    context = (
        b"\0" + labeled_extract(SUITE, b"", b"psk_id_hash", b"") + labeled_extract(SUITE, b"", b"info_hash", info)
    )
    secret = labeled_extract(SUITE, shared, b"secret", b"")
    key = labeled_expand(SUITE, secret, b"key", context, 32)
    nonce = labeled_expand(SUITE, secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, ciphertext, b"")


def verify(public, message, signature):
    Ed25519PublicKey.from_public_bytes(b64(public)).verify(b64(signature), message)


def read_document(path):
    data = path.read_bytes()
    document = json.loads(data)
    assert jcs(document) == data, f"{path} is not canonical"
    return document


def check_keyring(document):
    body, vault = document["body"], document["body"]["vault"]
    signers = previous = None
    for link in body["authority"]:
        trusted = signers or link["signers"]
        assert link["previous"] == (previous and hashlib.sha256(jcs(previous)).hexdigest())
        statement = {
            "vault": vault, "version": link["version"], "signers": link["signers"], "previous": link["previous"]
        }
        verify(trusted[link["signature"]["by"]], bind("cloister/1/authority", statement), link["signature"]["value"])
        signers, previous = link["signers"], link
    signature = document["signature"]
    verify(signers[signature["by"]], bind("cloister/1/keyring", body), signature["value"])
    return hashlib.sha256(jcs(body["authority"][0])).digest()


def open_slot(document, public, secret):
    body = document["body"]
    verify(public, bind("cloister/1/slot-signature", body), document["signature"])
    kdf, salt = body["kdf"], b64(body["kdf"]["salt"])
    if kdf["name"] == "argon2id":
        wrapping = Argon2id(
            salt=salt, length=32, iterations=kdf["t"], lanes=kdf["p"], memory_cost=kdf["m_kib"]
        ).derive(secret)
    else:
        wrapping = hkdf(secret, b"cloister/1/recovery-slot", salt)
    context = {name: body[name] for name in ("format_version", "vault", "holder", "version")}
    assert hkdf(wrapping, bind("cloister/1/slot-commitment", context)) == b64(body["commitment"])
    payload = AESGCM(hkdf(wrapping, bind("cloister/1/slot-encryption", context))).decrypt(
        b64(body["nonce"]), b64(body["ciphertext"]), bind("cloister/1/slot", context)
    )
    assert len(payload) == 512 and payload[0] == 1 and not any(payload[97:])
    return payload[1:33], payload[33:65], payload[65:97]


def recovery_bits(text):
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    number = 0
    for c in text.replace("-", ""):
        number = number << 5 | alphabet.index(c)
    bits, check = (number >> 20).to_bytes(20, "big"), number & 0xFFFFF
    assert int.from_bytes(hashlib.sha256(b"cloister/1/recovery-key\0" + bits).digest()[:4], "big") >> 12 == check
    return bits


def unwrap(role_key, label, context, wrapped, item=None):
    subkey = hkdf(role_key, bind(label, context))
    aad = bind(label, context | ({"item": item} if item else {}))
    return AESGCM(subkey).decrypt(wrapped[5:17], wrapped[17:], aad)


def open_blob(key, item, data):
    assert data[:8] == b"CLOBLOB\x01"
    salt, commitment, body = data[8:40], data[40:72], data[72:]
    context = {"format_version": 1, "segment": 1 << 20, "item": item}
    assert hkdf(key, bind("cloister/1/blob-commitment", context), salt) == commitment
    cipher, out, step = AESGCM(hkdf(key, bind("cloister/1/blob", context), salt)), b"", (1 << 20) + 16
    segments = [body[at : at + step] for at in range(0, len(body), step)]
    for counter, segment in enumerate(segments):
        last = counter == len(segments) - 1
        out += cipher.decrypt(bytes(7) + counter.to_bytes(4, "big") + bytes([last]), segment, b"")
    return out


def main():
    expected = json.loads((HERE / "expected.json").read_bytes())
    document = read_document(HERE / "good/keyring.json")
    root, body = check_keyring(document), document["body"]
    vault = body["vault"]
    holders = [
        (account["id"], account, unicodedata.normalize("NFKC", known["password"]).encode())
        for known in expected["accounts"]
        for account in body["accounts"]
        if account["name"] == known["name"]
    ]
    assert len(holders) == len(body["accounts"]) == 6
    holders.append(("recovery", body["recovery"], recovery_bits(expected["recovery_key"])))
    for holder, entry, secret in holders:
        pair, signing, pinned = open_slot(read_document(HERE / "good/slots" / holder), entry["ed25519"], secret)
        assert pinned == root and raw(Ed25519PrivateKey.from_private_bytes(signing).public_key()) == b64(entry["ed25519"])
        private = derive_pair(pair)
        assert raw(private.public_key()) == b64(entry["x25519"])
        keys = {}
        for name, sealed in entry["sealed"].items():
            context = {"vault": vault, "role_key": name, "version": body["role_keys"][name]["version"]}
            keys[name] = hpke_open(private, bind("cloister/1/sealed-role-key", context | {"holder": holder}), b64(sealed))
            assert hkdf(keys[name], bind("cloister/1/role-key-check", context)) == b64(body["role_keys"][name]["check"])
            if name != "pseudonym":
                database = unwrap(keys[name], "cloister/1/database-key", context, b64(body["databases"][name]))
                assert database.hex() == expected[f"{name}_database_key"]
                public = raw(derive_pair(hkdf(keys[name], bind("cloister/1/role-sealing-pair", context))).public_key())
                assert public == b64(body["role_keys"][name]["public"])
            if name == "research":
                wrapped = bytes.fromhex(expected["wrapped_item_key"])
                item = unwrap(keys[name], "cloister/1/item-key", context, wrapped, "doc-1")
                blob = (HERE / "good/source.blob").read_bytes()
                assert open_blob(item, "doc-1", blob).decode() == expected["source"]
        tag = hmac.digest(hkdf(keys["pseudonym"], b"cloister/1/pseudonym"), jcs({"kind": "encounter", "id": "enc-1"}), "sha256")
        assert tag[:16].hex() == expected["pseudonym"]
        print(f"{holder}: {', '.join(keys)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
