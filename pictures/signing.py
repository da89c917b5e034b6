"""Content Credentials (C2PA): a picture's facts, signed with a key that the user gives or that is made here.

Needs the extra `provenance`. Nothing is asked of a network: no time stamp, no revocation, no remote manifest.
"""

from __future__ import annotations

import datetime
import io
import json
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError, SettingsError, UnavailableError
from ..settings import ProvenanceSettings

SELF_MADE = "Limner self-made key"
"""Common name in the certificate of a made key: it proves that files come from one machine, and no more."""
_CHUNK = b"caBX"
_KEY, _CERTIFICATE = "picture-key.pem", "picture-certificate.pem"
_SETTINGS = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}


@dataclass(frozen=True, slots=True)
class Signature:
    """A signed manifest in a picture."""

    by: str
    """Name in the signer's certificate; that of a made key says so."""
    valid: bool
    """Whether the picture is as it was signed."""
    trusted: bool = False
    """Whether a known authority stands for the name; anybody can write a certificate with any name."""

    def __str__(self) -> str:
        return self.by if self.trusted or self.by == SELF_MADE else f"{self.by} (name not verified)"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What pictures are signed with."""

    certificate: str
    """PEM: the signer's certificate, then those above it."""
    key: str
    """PEM, of the certificate's public key: ES256."""

    @classmethod
    def read(cls, certificate: str, key: str) -> Credentials:
        """Read both from files.

        Raises:
            InputError: One cannot be read, or is no PEM.
        """
        texts = []
        for name, begin in ((certificate, "-----BEGIN CERTIFICATE"), (key, "-----BEGIN")):
            try:
                text = Path(name).expanduser().read_text("ascii")
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(f"Cannot read {name!r}: {error}.", "Give a PEM file.") from error
            if not text.lstrip().startswith(begin):
                raise InputError(f"{name!r} is no PEM file.", "Give a PEM file.")
            texts.append(text)
        return cls(*texts)

    @classmethod
    def made(cls, folder: Path) -> Credentials:
        """The made key of a folder; made at the first call, readable by its owner alone."""
        if not (folder / _CERTIFICATE).exists():
            folder.mkdir(parents=True, exist_ok=True)
            certificate, key = _make()
            for name, text in ((_KEY, key), (_CERTIFICATE, certificate)):
                handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                with os.fdopen(handle, "w", encoding="ascii") as file:
                    file.write(text)
        return cls.read(str(folder / _CERTIFICATE), str(folder / _KEY))


def open_credentials(settings: ProvenanceSettings, folder: Path) -> Credentials:
    """What the settings name, or the made key of a folder.

    Raises:
        InputError: A file cannot be read.
        SettingsError: The extra is not installed, or one of the two files is not named.
    """
    if find_spec("c2pa") is None:
        raise SettingsError("Signing needs c2pa-python.", "pip install 'limner[provenance]'")
    if bool(settings.certificate) != bool(settings.key):
        raise SettingsError(
            "[provenance] names a certificate or a key without the other.", "Name both, or neither."
        )
    if settings.key:
        return Credentials.read(settings.certificate, settings.key)
    return Credentials.made(folder)


def sign(
    png: bytes, facts: dict[str, Any], made_by: Literal["model", "renderer"], credentials: Credentials
) -> bytes:
    """Return the PNG with a signed manifest that says how it was made.

    Raises:
        InputError: The key and the certificate do not sign.
        UnavailableError: The extra is not installed.
    """
    if find_spec("c2pa") is None:
        raise UnavailableError("Signing needs c2pa-python.", "pip install 'limner[provenance]'")
    import c2pa

    kind = "trainedAlgorithmicMedia" if made_by == "model" else "algorithmicMedia"
    created = {
        "action": "c2pa.created",
        "digitalSourceType": f"http://cv.iptc.org/newscodes/digitalsourcetype/{kind}",
        "softwareAgent": {"name": "Limner"},
    }
    manifest = {
        "claim_generator_info": [{"name": "Limner"}],
        "format": "image/png",
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
            {"label": "org.limner.facts", "data": facts},
        ],
    }
    out = io.BytesIO()
    info = c2pa.C2paSignerInfo("es256", credentials.certificate.encode(), credentials.key.encode(), None)
    try:
        with (
            c2pa.Context.from_dict(_SETTINGS) as context,
            c2pa.Signer.from_info(info) as signer,
            c2pa.Builder(json.dumps(manifest), context=context) as builder,
        ):
            builder.sign(signer, "image/png", io.BytesIO(png), out)
    except c2pa.C2paError as error:
        raise InputError(
            f"The picture cannot be signed: {error}",
            "Give an ES256 key and a certificate for signing documents, or leave both empty.",
        ) from error
    return out.getvalue()


def signature(data: bytes) -> Signature | None:
    """The signature in a picture; None where it has none, or the extra is not installed. Never raises."""
    if _CHUNK not in data or find_spec("c2pa") is None:
        return None
    import c2pa

    try:
        with (
            c2pa.Context.from_dict(_SETTINGS) as context,
            c2pa.Reader("image/png", io.BytesIO(data), context=context) as reader,
        ):
            told = json.loads(reader.json())
            state = reader.get_validation_state()
        signed = told["manifests"][told["active_manifest"]]["signature_info"]
        name = signed.get("common_name") or signed.get("issuer") or "unknown"
    except (c2pa.C2paError, ValueError, KeyError, TypeError):
        return Signature("unknown", False)
    return Signature(str(name)[:200], state in ("Valid", "Trusted"), state == "Trusted")


def _make() -> tuple[str, str]:
    """A certificate chain and its key: an authority that is forgotten at once, and a leaf for signing."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    now = datetime.datetime.now(datetime.UTC)

    def certificate(name: str, public: Any, issuer: str, by: Any, authority: bool) -> x509.Certificate:
        def named(common: str) -> x509.Name:
            parts = {NameOID.COMMON_NAME: common, NameOID.ORGANIZATION_NAME: "Limner self-made key"}
            return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts.items()])

        usage = dict.fromkeys(
            (
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named(issuer))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=3650))
            .add_extension(x509.BasicConstraints(authority, 0 if authority else None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, **usage
                ),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
            )
        )
        if not authority:
            signing = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(signing, critical=True)
        return builder.sign(by, hashes.SHA256())

    root, leaf = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    above = f"{SELF_MADE}: authority"
    chain = [
        certificate(SELF_MADE, leaf.public_key(), above, root, False),
        certificate(above, root.public_key(), above, root, True),
    ]
    pem = serialization.Encoding.PEM
    key = leaf.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return "".join(each.public_bytes(pem).decode() for each in chain), key.decode()
