"""Signs a token without seeing it, so that who asked for a token and which token was spent cannot be joined by anybody.

RSABSSA-SHA384-PSS-Randomized of RFC 9474. No kept Python library does it (none was in the registry when this was written), so
the five steps stand here, over the integers of a key that `cryptography` made; what is signed is checked by `cryptography`.
That the signer cannot join is no matter of key length: for every token and every request there is exactly one blinding factor
that joins them, so a request says nothing even to somebody who breaks the key later. The key only guards against forgery.
"""

import hashlib
import math
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from groundswell.errors import PrivacyError

BITS = 2048
"""Length of the modulus: a key lives for a quarter and guards against forged answers only; 8 ms of one core a signature."""

EXPONENT = 65537
HASH_BYTES = 48
"""SHA-384; also the length of the salt (RFC 9474, section 5)."""

PREFIX_BYTES = 32
"""Randomness put before a message, so that even a guessable one cannot be recognised (RFC 9474, section 4.1)."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What everybody may know of a quarter's key.

    Attributes:
        n: the modulus.
        e: the exponent.
    """

    n: int
    e: int

    @property
    def length(self) -> int:
        """Bytes of a signature."""
        return (self.n.bit_length() + 7) // 8

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits in four groups, short enough to compare by eye: everyone must see the same."""
        number = hashlib.sha256(self.to_der()).hexdigest()
        return "-".join(number[at : at + 4] for at in range(0, 16, 4))

    def to_der(self) -> bytes:
        """As SubjectPublicKeyInfo."""
        return self._rsa().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def _rsa(self) -> rsa.RSAPublicKey:
        return rsa.RSAPublicNumbers(self.e, self.n).public_key()


@dataclass(frozen=True, slots=True, repr=False)
class SecretKey:
    """What signs.

    Attributes:
        public: the other half.
        d, p, q: private exponent and the two primes.
    """

    public: PublicKey
    d: int
    p: int
    q: int

    def to_der(self) -> bytes:
        """As PKCS 8, unprotected: seal it before it is stored."""
        return self._rsa().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def _rsa(self) -> rsa.RSAPrivateKey:
        p, q, d = self.p, self.q, self.d
        dp, dq, inverse = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
        public = rsa.RSAPublicNumbers(self.public.e, self.public.n)
        return rsa.RSAPrivateNumbers(p, q, d, dp, dq, inverse, public).private_key()


@dataclass(frozen=True, slots=True, repr=False)
class Blinded:
    """What the asker keeps and what they send.

    Attributes:
        message: to be signed; says nothing of what it hides.
        inverse: takes the blinding off again; never leaves the asker.
    """

    message: bytes
    inverse: int


def make_key(bits: int = BITS) -> SecretKey:
    """Draw a key."""
    return _of(rsa.generate_private_key(EXPONENT, bits))


def secret_key(der: bytes) -> SecretKey:
    """Read a key that `SecretKey.to_der` wrote.

    Raises:
        PrivacyError: it is none.
    """
    try:
        loaded = load_der_private_key(der, None)
    except ValueError as error:
        raise PrivacyError("pulse key", "it cannot be read", remedy="Restore it from a backup") from error
    if not isinstance(loaded, rsa.RSAPrivateKey):
        raise PrivacyError("pulse key", "it is no RSA key", remedy="Restore it from a backup")
    return _of(loaded)


def public_key(der: bytes) -> PublicKey:
    """Read a key that `PublicKey.to_der` wrote.

    Raises:
        PrivacyError: it is none.
    """
    try:
        loaded = load_der_public_key(der)
    except ValueError as error:
        raise PrivacyError("pulse key", "it cannot be read", remedy="Restore it from a backup") from error
    if not isinstance(loaded, rsa.RSAPublicKey):
        raise PrivacyError("pulse key", "it is no RSA key", remedy="Restore it from a backup")
    numbers = loaded.public_numbers()
    return PublicKey(numbers.n, numbers.e)


def prepare(message: bytes) -> bytes:
    """Put fresh randomness before a message (RFC 9474, 4.1: PrepareRandomize)."""
    return secrets.token_bytes(PREFIX_BYTES) + message


def blind(key: PublicKey, prepared: bytes) -> Blinded:
    """Hide a prepared message from who will sign it (RFC 9474, 4.2)."""
    factor = _unit(key.n)
    return blind_with(key, prepared, salt=secrets.token_bytes(HASH_BYTES), factor=factor)


def blind_with(key: PublicKey, prepared: bytes, *, salt: bytes, factor: int) -> Blinded:
    """`blind` with its randomness given: for published test vectors alone, since a factor known twice joins what it hid.

    Args:
        key: of the signer.
        prepared: what is to be signed.
        salt: HASH_BYTES random bytes.
        factor: random, coprime to n.

    Raises:
        PrivacyError: the encoded message shares a factor with the modulus: the key is broken.
    """
    encoded = int.from_bytes(_encode(prepared, key.n.bit_length() - 1, salt), "big")
    if math.gcd(encoded, key.n) != 1:
        raise PrivacyError("pulse key", "it has a known factor", remedy="Draw another key")
    hidden = encoded * pow(factor, key.e, key.n) % key.n
    return Blinded(hidden.to_bytes(key.length, "big"), pow(factor, -1, key.n))


def blind_sign(key: SecretKey, blinded: bytes) -> bytes:
    """Sign what cannot be seen (RFC 9474, 4.3).

    The exponent is never used on the number that came in: it is blinded anew by the signer, so that how long it takes says
    nothing of the key (Kocher 1996); the outcome is checked before it leaves, so that a fault says nothing either.

    Raises:
        PrivacyError: the message is no number below the modulus, or a fault happened.
    """
    public = key.public
    number = int.from_bytes(blinded, "big")
    if len(blinded) != public.length or number >= public.n:
        raise PrivacyError("pulse token", "this is no blinded token", expected=f"{public.length} bytes below the modulus")
    shade = _unit(public.n)
    turned = number * pow(shade, public.e, public.n) % public.n
    signed = _power(key, turned) * pow(shade, -1, public.n) % public.n
    if pow(signed, public.e, public.n) != number:
        raise PrivacyError("pulse token", "signing failed", remedy="Try again")
    return signed.to_bytes(public.length, "big")


def finalize(key: PublicKey, prepared: bytes, signed: bytes, inverse: int) -> bytes:
    """Take the blinding off a signature and check it (RFC 9474, 4.4).

    Raises:
        PrivacyError: it is no signature of this message: the signer did not keep to the protocol.
    """
    number = int.from_bytes(signed, "big") * inverse % key.n
    signature = number.to_bytes(key.length, "big")
    if len(signed) != key.length or not verify(key, prepared, signature):
        raise PrivacyError("pulse token", "the signature does not fit", remedy="Ask for another token")
    return signature


def verify(key: PublicKey, prepared: bytes, signature: bytes) -> bool:
    """Whether a signature is one of this key over this prepared message; plain RSASSA-PSS (RFC 8017, 8.1.2)."""
    scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=HASH_BYTES)
    try:
        key._rsa().verify(signature, prepared, scheme, hashes.SHA384())
    except InvalidSignature:
        return False
    return True


def _of(key: rsa.RSAPrivateKey) -> SecretKey:
    numbers = key.private_numbers()
    public = numbers.public_numbers
    return SecretKey(PublicKey(public.n, public.e), numbers.d, numbers.p, numbers.q)


def _unit(n: int) -> int:
    while True:
        drawn = secrets.randbelow(n)
        if math.gcd(drawn, n) == 1:
            return drawn


def _power(key: SecretKey, number: int) -> int:
    """number^d mod n by the remainders of the primes (RFC 8017, 5.1.2)."""
    by_p = pow(number, key.d % (key.p - 1), key.p)
    by_q = pow(number, key.d % (key.q - 1), key.q)
    return by_q + key.q * ((by_p - by_q) * pow(key.q, -1, key.p) % key.p)


def _encode(message: bytes, bits: int, salt: bytes) -> bytes:
    """EMSA-PSS-ENCODE (RFC 8017, 9.1.1) with SHA-384 and MGF1."""
    length = (bits + 7) // 8
    digest = hashlib.sha384(bytes(8) + hashlib.sha384(message).digest() + salt).digest()
    block = bytes(length - len(salt) - HASH_BYTES - 2) + b"\x01" + salt
    masked = bytes(a ^ b for a, b in zip(block, _mask(digest, len(block)), strict=True))
    first = masked[0] & (0xFF >> (8 * length - bits))
    return bytes([first]) + masked[1:] + digest + b"\xbc"


def _mask(seed: bytes, length: int) -> bytes:
    """MGF1 (RFC 8017, B.2.1) with SHA-384."""
    blocks = -(-length // HASH_BYTES)
    return b"".join(hashlib.sha384(seed + n.to_bytes(4, "big")).digest() for n in range(blocks))[:length]
