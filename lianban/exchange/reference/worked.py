"""One call signed step by step, to be computed along: every byte on the reference page is real."""

import hashlib
from dataclasses import dataclass
from functools import cache

from lianban.exchange import contract, signing
from lianban.exchange.reference import examples

#: An example's key; it is no partner's and opens nothing.
SEED = hashlib.sha256(b"lianban: an example key").digest()
KEY_ID, NONCE = "example-2026", "an-example-nonce-1"
URL = "https://lianban.example/exchange/v1/messages"


@dataclass(frozen=True)
class Worked:
    """The call, what is signed, and the headers that come of it."""

    seed: str
    public_key: str
    method: str
    url: str
    content_type: str
    body: str
    content_digest: str
    base: str
    signature_input: str
    signature: str


@cache
def worked() -> Worked:
    """The example of the recipe."""
    body = examples.heard("receive").model_dump_json(exclude_none=True)
    message = signing.Message(
        "POST", URL, body=body.encode(), headers={"Content-Type": contract.MEDIA_TYPE}
    )
    key = signing.PrivateKey.from_seed(KEY_ID, SEED)
    signing.sign(message, key=key, at=examples.AT, nonce=NONCE)
    said = message.headers
    parameters = said["Signature-Input"].partition("=")[2]
    lines = {
        "@method": message.method,
        "@target-uri": message.url,
        "content-digest": said["Content-Digest"],
        "content-type": contract.MEDIA_TYPE,
        "@signature-params": parameters,
    }
    return Worked(
        seed=SEED.hex(),
        public_key=key.public.hex(),
        method=message.method,
        url=message.url,
        content_type=contract.MEDIA_TYPE,
        body=body,
        content_digest=said["Content-Digest"],
        base="\n".join(f'"{name}": {value}' for name, value in lines.items()),
        signature_input=said["Signature-Input"],
        signature=said["Signature"],
    )
