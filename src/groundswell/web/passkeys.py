"""The two halves of a passkey's signature: what the device is asked, and whether what it answers is right."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from groundswell.selfreport import passkeys, sessions
from groundswell.selfreport.accounts import Member
from groundswell.selfreport.base import reading, writing
from groundswell.selfreport.settings import Settings

MINUTES = 5
"""How long a device may take to answer."""


def asked_to_add(book: Engine, who: Member, visit: str, *, settings: Settings, now: datetime) -> dict[str, Any]:
    """What a device is asked in order to make a passkey."""
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers import structs

    with reading(book) as connection:
        held = passkeys.of_account(connection, who.account)
    options = generate_registration_options(
        rp_id=settings.host,
        rp_name="Groundswell",
        user_id=who.account.encode(),
        user_name=who.name,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED, user_verification=structs.UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(id=_raw(key.id)) for key in held],
    )
    _keep(book, visit, options.challenge, now)
    asked: dict[str, Any] = json.loads(options_to_json(options))
    return asked


def add(book: Engine, who: Member, visit: str, answer: dict[str, Any], *, settings: Settings, now: datetime) -> bool:
    """Keep the passkey a device made; False if its answer is not right."""
    from webauthn import verify_registration_response

    challenge = _taken(book, visit, now)
    if challenge is None:
        return False
    try:
        made = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=settings.host,
            expected_origin=settings.origin,
            require_user_verification=True,
        )
    except _wrong():
        return False
    with writing(book) as connection:
        key = _text(made.credential_id)
        return passkeys.add(
            connection, key, who.account, public_key=made.credential_public_key, sign_count=made.sign_count, now=now
        )


def asked_to_sign(book: Engine, visit: str, *, settings: Settings, now: datetime) -> dict[str, Any]:
    """What a device is asked in order to sign somebody in; it says itself for whom."""
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(rp_id=settings.host, user_verification=UserVerificationRequirement.REQUIRED)
    _keep(book, visit, options.challenge, now)
    asked: dict[str, Any] = json.loads(options_to_json(options))
    return asked


def signed(book: Engine, visit: str, answer: dict[str, Any], *, settings: Settings, now: datetime) -> str | None:
    """The account a device signed for; None if its answer is not right."""
    from webauthn import verify_authentication_response

    challenge = _taken(book, visit, now)
    with reading(book) as connection:
        key = passkeys.by_number(connection, str(answer.get("id", "")))
    if challenge is None or key is None:
        return None
    try:
        right = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=settings.host,
            expected_origin=settings.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except _wrong():
        return None
    with writing(book) as connection:
        passkeys.signed(connection, key.id, right.new_sign_count)
    return key.account


def _wrong() -> tuple[type[Exception], ...]:
    """What the library raises for an answer that is wrong, or is none."""
    from cryptography.exceptions import InvalidSignature
    from webauthn.helpers.exceptions import WebAuthnException

    return (WebAuthnException, InvalidSignature, ValueError, TypeError, KeyError, AttributeError)


def _keep(book: Engine, visit: str, challenge: bytes, now: datetime) -> None:
    with writing(book) as connection:
        sessions.keep(connection, f"passkey {visit}", challenge.hex(), minutes=MINUTES, now=now)


def _taken(book: Engine, visit: str, now: datetime) -> bytes | None:
    with writing(book) as connection:
        kept = sessions.take(connection, f"passkey {visit}", now=now)
    return bytes.fromhex(kept) if kept else None


def _text(raw: bytes) -> str:
    from webauthn.helpers import bytes_to_base64url

    text: str = bytes_to_base64url(raw)
    return text


def _raw(text: str) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    raw: bytes = base64url_to_bytes(text)
    return raw
