#!/usr/bin/env python3
"""A witness by somebody else's hand: c2sp.org/tlog-witness and tlog-cosignature written from the specification alone, with its own Ed25519 (RFC 8032) and its own
Merkle proofs (RFC 6962), and no line of the ledger's code. It answers honestly, or as a script file tells it, to show what the ledger does with odd answers.

    witness.py vkey NAME SEEDHEX              the verifier key, type 0x04
    witness.py check VKEY FILE                verifies the cosignature of that key in a signed checkpoint; prints its time
    witness.py serve NAME SEEDHEX LOGVKEY PORTFILE SCRIPT LOG

SCRIPT: one answer a line, taken from the top; none left = honest. "ok", "CODE [BODY]", "forge", "stranger", "both", "huge", "slow", "redirect", "garbage".
LOG gets a line for each request: the old size, the number of proof lines, the size, and the status that was answered."""
import base64
import hashlib
import http.server
import os
import struct
import sys
import time

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_MINUS_1 = pow(2, (P - 1) // 4, P)


def add(a, b):
    x = (a[1] - a[0]) * (b[1] - b[0]) % P
    y = (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, z - t, z + t, y + x
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(k, a):
    out = (0, 1, 1, 0)
    while k:
        out = add(out, a) if k & 1 else out
        a, k = add(a, a), k >> 1
    return out


def x_of(y, sign):
    if y >= P:
        raise ValueError("not a point")
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT_MINUS_1 % P
    if (x * x - x2) % P or (x == 0 and sign):
        raise ValueError("not a point")
    return P - x if x & 1 != sign else x


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (x_of(BASE_Y, 0), BASE_Y, 1, x_of(BASE_Y, 0) * BASE_Y % P)


def pack(a):
    z = pow(a[2], P - 2, P)
    return (a[1] * z % P | (a[0] * z % P & 1) << 255).to_bytes(32, "little")


def unpack(data):
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = x_of(y, number >> 255)
    return (x, y, 1, x * y % P)


def number_of(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def secret(seed):
    digest = hashlib.sha512(seed).digest()
    return (int.from_bytes(digest[:32], "little") & ((1 << 254) - 8)) | 1 << 254, digest[32:]


def public_key(seed):
    return pack(times(secret(seed)[0], BASE))


def sign(seed, message):
    scalar, prefix = secret(seed)
    nonce = number_of(prefix, message) % L
    point = pack(times(nonce, BASE))
    return point + ((nonce + number_of(point, public_key(seed), message) * scalar) % L).to_bytes(32, "little")


def verify(key, message, signature):
    try:
        point, self = unpack(signature[:32]), unpack(key)
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= L:
        return False
    return pack(times(s, BASE)) == pack(add(point, times(number_of(signature[:32], key, message) % L, self)))


# --- notes ---

def key_id(name, kind, key):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + key).digest()[:4]


def vkey(name, kind, key):
    return f"{name}+{key_id(name, kind, key).hex()}+{base64.b64encode(bytes([kind]) + key).decode()}"


def read_vkey(text):
    name, wanted, blob = text.strip().split("+", 2)
    blob = base64.b64decode(blob, validate=True)
    if key_id(name, blob[0], blob[1:]).hex() != wanted:
        raise ValueError("key id")
    return name, blob[0], blob[1:]


def read_note(note):
    text, _, lines = note.rpartition(b"\n\n")
    found = []
    for line in lines.decode().splitlines():
        dash, name, blob = line.split(" ")
        blob = base64.b64decode(blob, validate=True)
        found.append((name, blob[:4], blob[4:]))
    return text + b"\n", found


def cosignature_line(name, seed, when, text):
    key = public_key(seed)
    blob = key_id(name, 4, key) + struct.pack(">Q", when) + sign(seed, b"cosignature/v1\ntime %d\n" % when + text)
    return f"— {name} {base64.b64encode(blob).decode()}\n"


# --- RFC 6962 ---

def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def consistent(old, old_root, new, new_root, proof):
    """RFC 9162, 2.1.4.2."""
    if not proof:
        return False
    proof = [old_root] + proof if old & (old - 1) == 0 else list(proof)
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = proof[0]
    for c in proof[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == old_root and sr == new_root and sn == 0


class Witness:
    def __init__(self, name, seed, log):
        self.name, self.seed, self.log = name, seed, read_vkey(log)
        self.size, self.root = 0, b""

    def line(self, text, name=None, seed=None):
        return cosignature_line(name or self.name, seed or self.seed, int(time.time()), text)

    def judge(self, old, proof, note):
        text, signatures = read_note(note)
        origin, size, root = text.decode().splitlines()[:3]
        size, root = int(size), base64.b64decode(root)
        name, kind, key = self.log
        if origin != name:
            return 404, ""
        if not any(n == origin and i == key_id(name, kind, key) and verify(key, text, s) for n, i, s in signatures):
            return 403, ""
        if old > size:
            return 400, ""
        if old != self.size:
            return 409, f"{self.size}\n"
        if old == size and self.root not in (b"", root):
            return 422, ""
        if 0 < old < size and not consistent(old, self.root, size, root, proof) or (old in (0, size) and proof):
            return 422, ""
        self.size, self.root = size, root
        return 200, self.line(text)


def scripted(self, order, old, proof, note):
    text, _ = read_note(note)
    if order == "ok":
        return self.judge(old, proof, note)
    if order == "forge":  # its own name and key id over another text
        return 200, self.line(text.replace(b"\n", b"x\n", 1))
    if order == "stranger":  # a good line of a key that nobody asked
        return 200, self.line(text, "stranger.example", b"\x07" * 32)
    if order == "both":  # a stranger's line before the witness's own
        status, line = self.judge(old, proof, note)
        return status, (self.line(text, "stranger.example", b"\x07" * 32) if status == 200 else "") + line
    if order == "huge":
        return 200, "— x " + "A" * 200000 + "\n"
    if order == "slow":
        return 200, self.line(text)
    if order == "garbage":
        return 200, "\x00\r\nnot a line\n\n\n"
    status, _, body = order.partition(" ")
    return int(status), body + "\n" if body else ""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        head, _, note = body.partition(b"\n\n")
        lines = head.decode().splitlines()
        old, proof = int(lines[0].removeprefix("old ")), [base64.b64decode(line) for line in lines[1:]]
        orders = open(server.script).read().splitlines()
        with open(server.script, "w") as out:
            out.write("".join(o + "\n" for o in orders[1:]))
        order = orders[0] if orders else "ok"
        if self.path != "/w/add-checkpoint":
            status, answer = 404, "wrong path"
        elif order == "redirect":
            status, answer = 307, ""
        else:
            status, answer = scripted(server.witness, order, old, proof, note)
        with open(server.log, "a") as out:
            out.write(f"{old} {len(proof)} {note.decode().splitlines()[1]} {status}\n")
        data = answer.encode()
        if order == "slow":
            time.sleep(3)
        try:
            self.send_response(status)
            self.send_header("Content-Type", "text/x.tlog.size" if status == 409 else "text/plain")
            self.send_header("Content-Length", str(len(data)))
            if status == 307:
                self.send_header("Location", f"http://127.0.0.1:{server.server_port}/w/add-checkpoint")
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the asker had enough
        self.close_connection = True

    def log_message(self, *_):
        pass


def serve(name, seed, log, port_file, script, record):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.witness, server.script, server.log = Witness(name, bytes.fromhex(seed), log), script, record
    with open(port_file + ".new", "w") as out:
        out.write(f"{server.server_port}\n")
    os.rename(port_file + ".new", port_file)
    server.serve_forever()


def check(key_text, path):
    name, kind, key = read_vkey(key_text)
    text, signatures = read_note(open(path, "rb").read())
    for n, i, blob in signatures:
        if n == name and i == key_id(name, kind, key):
            when = struct.unpack(">Q", blob[:8])[0]
            if len(blob) != 72 or not verify(key, b"cosignature/v1\ntime %d\n" % when + text, blob[8:]):
                sys.exit("bad signature")
            print(when)
            return
    sys.exit("no line of this key")


if sys.argv[1] == "vkey":
    print(vkey(sys.argv[2], 4, public_key(bytes.fromhex(sys.argv[3]))))
elif sys.argv[1] == "check":
    check(*sys.argv[2:4])
else:
    serve(*sys.argv[2:8])
