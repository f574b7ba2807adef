#!/usr/bin/env python3
"""Makes simple.json: one small election of profile `simple`, computed from docs/protocol.md alone, without the Rust code.

Run once; needs the Python package `cryptography`. A second run makes other keys and signatures, so every value changes.
The tests read only simple.json.
"""
import base64
import hashlib
import hmac
import json
import pathlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def pkcs8(key):
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def spki(key):
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def mgf1(seed, length):
    blocks = (sha256(seed, i.to_bytes(4, "big")) for i in range(-(-length // 32)))
    return b"".join(blocks)[:length]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b, strict=True))


def oaep(public, label, seed, message, k=384):
    """RFC 8017, 7.1.1, with the seed given."""
    block = sha256(label) + bytes(k - len(message) - 66) + b"\x01" + message
    block = xor(block, mgf1(seed, len(block)))
    encoded = b"\x00" + xor(seed, mgf1(block, 32)) + block
    numbers = public.public_numbers()
    return pow(int.from_bytes(encoded, "big"), numbers.e, numbers.n).to_bytes(k, "big")


def hkdf(salt, secret, info, length):
    prk, out, block, i = hmac.digest(salt, secret, "sha256"), b"", b"", 1
    while len(out) < length:
        block = hmac.digest(prk, block + info + bytes([i]), "sha256")
        out, i = out + block, i + 1
    return out[:length]


def crockford(ten):
    bits = int.from_bytes(ten, "big")
    code = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> 5 * i & 31] for i in range(15, -1, -1))
    return "VOTE-" + "-".join(code[i:i + 4] for i in range(0, 16, 4))


def i64(number):
    return number.to_bytes(8, "big", signed=True)


def u64(number):
    return number.to_bytes(8, "big")


def ecdsa(key, message):
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def plaintext(contests):
    return b"\x02" + b"".join(number.to_bytes(2, "big") for numbers in contests for number in numbers)


SHOWN = ("party", "description", "vision", "programme", "link", "photo_url", "thumbnail_url", "programme_file_url")


def information_hash(information):
    out = b"candidate/v2"
    for text in (information.get(field) for field in SHOWN):
        out += b"\x00" if text is None else b"\x01" + len(text.encode()).to_bytes(4, "big") + text.encode()
    return sha256(out).hex()


def candidate(candidate_id, name, information=None, **more):
    return {"candidate_id": candidate_id, "name": name, "information_hash": information_hash(information or {}), **more}


ELECTION, ROLL = 42, 5
seal, stamp = (rsa.generate_private_key(65537, 3072) for _ in range(2))
receipt = ec.generate_private_key(ec.SECP256R1())
contests = [
    {"contest_id": 7, "title": "President", "ballot_order": "rotated",
     "rule": {"method": "irv", "equal_ranks": "refuse", "gaps": "refuse", "overvote": "exhaust", "max_skipped": "unlimited",
              "duplicate": "skip", "batch": False, "until_two": False, "threshold": "each_round", "earlier_rounds": True,
              "ties": "lot", "blank": True, "none_of_the_above": "vacant_seat"},
     "candidates": [
         candidate(101, "Alice Johnson", {
             "party": "Open List", "description": "Experienced", "vision": "A council that listens", "programme": "1. Later buses\n2. Längere Öffnungszeiten",
             "link": "https://alice.example.org/", "photo_url": "/uploads/" + "1a" * 32 + ".jpg", "thumbnail_url": "/uploads/" + "1b" * 32 + ".jpg",
             "programme_file_url": "/uploads/" + "1c" * 32 + ".pdf"}),
         candidate(102, "Bob Smith", {"description": ""}),
         candidate(103, "Carol White"), candidate(104, "None of the above", standing="none_of_the_above")]},
    {"contest_id": 8, "title": "Fee", "ballot_order": "fixed", "text": "The fee is 5 a month from January on.",
     "rule": {"method": "motion", "passes": "two_thirds", "blank": True, "quorum": {"at_least": "1/4"}},
     "candidates": [candidate(201, "Yes"), candidate(202, "No"), candidate(203, "Abstain")]},
]
plaintext_len = 1 + 2 * sum(len(contest["candidates"]) for contest in contests)
manifest = json.dumps({
    "protocol": "uvote/2", "election_id": ELECTION, "title": "Student Council 2026 – Präsidium", "profile": "simple",
    "custody": "server", "sealed_len": plaintext_len + 413, "plaintext_len": plaintext_len, "contests": contests,
    "seal_key": base64.b64encode(spki(seal)).decode(), "stamp_key": base64.b64encode(spki(stamp)).decode(),
}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
manifest_hash = sha256(manifest.encode())

ballots, previous = [], manifest_hash
CHOICES = [[[0, 1, 2, 0], [1, 0, 0]], [[1, 0, 0, 2], [0, 1, 0]], [[0, 0, 0, 0], [0, 0, 0]]]
for position, choices in enumerate(CHOICES, start=1):
    plain = plaintext(choices)
    idempotency_key, token = sha256(b"key", bytes([position])), f"token-{position}".encode()
    secret = idempotency_key + len(token).to_bytes(4, "big") + token + len(plain).to_bytes(4, "big") + plain
    dice = hkdf(b"seal-randomness/v1", secret, b"aes-key nonce oaep-seed", 76)
    aes_key, nonce, seed = dice[:32], dice[32:44], dice[44:]
    wrapped = oaep(seal.public_key(), manifest_hash.hex().encode(), seed, aes_key)
    sealed = b"\x01" + wrapped + nonce + AESGCM(aes_key).encrypt(nonce, plain, manifest_hash)
    digest = sha256(b"ballot/v1", manifest_hash, sealed)
    prefix = sha256(b"prefix", bytes([position]))
    signature = stamp.sign(prefix + digest, padding.PSS(padding.MGF1(hashes.SHA384()), 48), hashes.SHA384())
    chain = sha256(b"chain/v1", i64(ELECTION), i64(position), previous, digest, prefix, signature)
    ballots.append({
        "position": position, "plaintext": plain.hex(), "idempotency_key": idempotency_key.hex(), "token": token.decode(),
        "randomness": dice.hex(), "sealed": sealed.hex(), "digest": digest.hex(), "prefix": prefix.hex(),
        "stamp": signature.hex(), "receipt": ecdsa(receipt, b"receipt/v1" + i64(ELECTION) + digest).hex(),
        "receipt_code": crockford(digest[:10]), "previous_hash": previous.hex(), "chain_hash": chain.hex(),
    })
    previous = chain

box_hash = sha256(*sorted(bytes.fromhex(ballot["digest"]) for ballot in ballots))
spend_ids = [sha256(b"spend", bytes([i]))[:16] for i in range(3)]
spent = [sha256(b"spent/v1", i64(ELECTION), spend_id) for spend_id in spend_ids]
spent_hash = sha256(*sorted(spent))
WITHDRAWN = [103, 205]
withdrawn_hash = sha256(*(i64(candidate) for candidate in WITHDRAWN))
box_statement = (b"box/v3" + i64(ELECTION) + u64(len(ballots)) + box_hash + u64(len(spent)) + spent_hash + u64(ROLL)
                 + withdrawn_hash)
HALTS, RESUMPTIONS = 2, 1
recording_statement = b"recording/v1" + i64(ELECTION) + box_hash + u64(HALTS) + u64(RESUMPTIONS)
vectors = {
    "election_id": ELECTION, "manifest": manifest, "manifest_hash": manifest_hash.hex(),
    "seal_private_pkcs8": pkcs8(seal).hex(), "stamp_private_pkcs8": pkcs8(stamp).hex(),
    "receipt_private_pem": receipt.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode(),
    "receipt_public_pem": receipt.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode(),
    "ballots": ballots, "box_count": len(ballots), "box_hash": box_hash.hex(),
    "roll": ROLL, "withdrawn": WITHDRAWN, "withdrawn_hash": withdrawn_hash.hex(), "box_signature": ecdsa(receipt, box_statement).hex(),
    "halts": HALTS, "resumptions": RESUMPTIONS, "recording_signature": ecdsa(receipt, recording_statement).hex(),
    "spend_ids": [spend_id.hex() for spend_id in spend_ids], "spent_entries": [entry.hex() for entry in spent],
    "spent_list_hash": spent_hash.hex(),
}
path = pathlib.Path(__file__).with_name("simple.json")
path.write_text(json.dumps(vectors, indent=1, ensure_ascii=False) + "\n")
