"""What blind signatures promise: the signer signs what it cannot see, and nobody but the signer can."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rfc9474 as published
from groundswell.errors import PrivacyError
from groundswell.privacy import blind

KEY = blind.make_key(1024)
"""Short, since these tests are about the protocol: a real key takes longer to draw."""

OTHER = blind.make_key(1024)


def published_key() -> blind.SecretKey:
    n, e, d, p, q = (int(x, 16) for x in (published.N, published.E, published.D, published.P, published.Q))
    return blind.SecretKey(blind.PublicKey(n, e), d, p, q)


def test_the_published_example():
    """Every step gives the numbers RFC 9474 publishes for it."""
    key = published_key()
    prepared = bytes.fromhex(published.PREFIX + published.MESSAGE)
    inverse = int(published.INVERSE, 16)
    factor = pow(inverse, -1, key.public.n)
    hidden = blind.blind_with(key.public, prepared, salt=bytes.fromhex(published.SALT), factor=factor)
    assert hidden.message.hex() == published.BLINDED
    assert hidden.inverse == inverse
    signed = blind.blind_sign(key, hidden.message)
    assert signed.hex() == published.BLIND_SIGNATURE
    assert blind.finalize(key.public, prepared, signed, inverse).hex() == published.SIGNATURE


def signed_token(message: bytes = b"token", key: blind.SecretKey = KEY) -> tuple[bytes, bytes]:
    prepared = blind.prepare(message)
    hidden = blind.blind(key.public, prepared)
    return prepared, blind.finalize(key.public, prepared, blind.blind_sign(key, hidden.message), hidden.inverse)


@settings(max_examples=30)
@given(st.binary(max_size=80))
def test_any_message_goes_round(message):
    """Whatever is blinded, signed and opened again is a signature over it, and over nothing else."""
    prepared, signature = signed_token(message)
    assert blind.verify(KEY.public, prepared, signature)
    assert not blind.verify(KEY.public, prepared + b"x", signature)
    assert not blind.verify(OTHER.public, prepared, signature)


def test_a_request_fits_every_token():
    """For every request and every token there is one blinding factor that joins them: a request singles out no token."""
    tokens = [signed_token(bytes([n])) for n in range(4)]
    requests = [blind.blind(KEY.public, blind.prepare(bytes([n]))).message for n in range(4)]
    for request in requests:
        factors = set()
        for _, signature in tokens:
            encoded = pow(int.from_bytes(signature, "big"), KEY.public.e, KEY.public.n)
            turned = int.from_bytes(request, "big") * pow(encoded, -1, KEY.public.n) % KEY.public.n
            factor = blind._power(KEY, turned)  # the e-th root: the factor that would have made this request of that token
            assert encoded * pow(factor, KEY.public.e, KEY.public.n) % KEY.public.n == int.from_bytes(request, "big")
            factors.add(factor)
        assert len(factors) == len(tokens)


def test_the_same_message_is_hidden_anew_each_time():
    """Two requests for one token have nothing in common, and two preparations of one message are two messages."""
    prepared = blind.prepare(b"same")
    assert blind.prepare(b"same") != prepared
    assert blind.blind(KEY.public, prepared).message != blind.blind(KEY.public, prepared).message


@pytest.mark.parametrize("wrong", [b"", b"\0" * 127, b"\xff" * 128, b"\0" * 129])
def test_what_is_no_blinded_token_is_not_signed(wrong):
    """A number that is too long, too short or not below the modulus is refused by name."""
    with pytest.raises(PrivacyError, match="no blinded token"):
        blind.blind_sign(KEY, wrong)


def test_a_signer_that_cheats_is_caught():
    """A signature that does not fit is not taken: a marked token would be recognised later."""
    prepared = blind.prepare(b"token")
    hidden = blind.blind(KEY.public, prepared)
    signed = bytearray(blind.blind_sign(KEY, hidden.message))
    signed[-1] ^= 1
    with pytest.raises(PrivacyError, match="does not fit"):
        blind.finalize(KEY.public, prepared, bytes(signed), hidden.inverse)


def test_no_new_signature_from_old_ones():
    """The product of two signatures, which is a signature in plain RSA, is none here."""
    (first, one), (second, two) = signed_token(b"a"), signed_token(b"b")
    product = (int.from_bytes(one, "big") * int.from_bytes(two, "big") % KEY.public.n).to_bytes(KEY.public.length, "big")
    for prepared in (first, second, first + second, bytes(a ^ b for a, b in zip(first, second, strict=True))):
        assert not blind.verify(KEY.public, prepared, product)


def test_keys_come_back_as_they_were():
    """A key written and read again is the same key, with a fingerprint short enough to compare by eye."""
    assert blind.secret_key(KEY.to_der()) == KEY
    assert blind.public_key(KEY.public.to_der()) == KEY.public
    assert len(KEY.public.fingerprint) == 19
    assert KEY.public.fingerprint != OTHER.public.fingerprint


@pytest.mark.parametrize("spoilt", [b"", b"no key", KEY.to_der()[:-9]])
def test_a_spoilt_key_is_refused(spoilt):
    """What is no key is refused by name, without a word of it."""
    with pytest.raises(PrivacyError, match="cannot be read"):
        blind.secret_key(spoilt)
    with pytest.raises(PrivacyError, match="cannot be read"):
        blind.public_key(spoilt)


def test_a_secret_key_prints_nothing():
    """Neither the key nor what takes a blinding off stands in a text made of it."""
    hidden = blind.blind(KEY.public, blind.prepare(b"token"))
    assert str(KEY.p) not in f"{KEY!r}{KEY}"
    assert str(hidden.inverse) not in f"{hidden!r}"
