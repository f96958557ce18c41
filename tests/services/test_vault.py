"""The vault keeps personal values to the place they were sealed for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from hypothesis import given
from hypothesis import strategies as st

from lianban import vault

CURRENT, OLDER, INDEX = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
PLACE = {"table": "person", "column": "identity_number", "row": "7"}


def ring(cipher: str = "aes-256-gcm", digest: str = "sha256", *masters: bytes) -> vault.Keyring:
    return vault.Keyring.of(
        masters=masters or (CURRENT, OLDER), index_key=INDEX, cipher=cipher, digest=digest
    )


@pytest.fixture(params=["aes-256-gcm", "sm4-gcm"], autouse=True, scope="module")
def cipher(request: pytest.FixtureRequest) -> Iterator[str]:
    earlier = vault._Door.load
    vault.configure(lambda: ring(request.param))
    yield request.param
    vault._Door.load, vault._Door.ring = earlier, None


@pytest.fixture
def use(cipher: str) -> Iterator[object]:
    yield lambda keyring: vault.configure(lambda: keyring)
    vault.configure(lambda: ring(cipher))


@given(value=st.binary(max_size=200), place=st.tuples(st.text(), st.text(), st.text()))
def test_a_value_comes_back_as_it_went_in(value: bytes, place: tuple[str, str, str]) -> None:
    where = dict(zip(("table", "column", "row"), place, strict=True))
    assert vault.decrypt(vault.encrypt(value, **where), **where) == value


@given(st.tuples(st.text(), st.text(), st.text()), st.tuples(st.text(), st.text(), st.text()))
def test_a_value_moved_to_any_other_place_is_unreadable(
    here: tuple[str, str, str], there: tuple[str, str, str]
) -> None:
    names = ("table", "column", "row")
    token = vault.encrypt(b"13800000000", **dict(zip(names, here, strict=True)))
    if here != there:
        with pytest.raises(vault.Unreadable):
            vault.decrypt(token, **dict(zip(names, there, strict=True)))


@given(st.data())
def test_a_single_changed_bit_anywhere_makes_a_token_unreadable(data: st.DataObject) -> None:
    token = bytearray(vault.encrypt(b"330102", **PLACE))
    bit = data.draw(st.integers(0, len(token) * 8 - 1))
    token[bit // 8] ^= 1 << bit % 8
    with pytest.raises(vault.Unreadable):
        vault.decrypt(bytes(token), **PLACE)


@given(st.integers(0, 60))
def test_a_cut_token_is_unreadable_and_nothing_worse(length: int) -> None:
    token = vault.encrypt(b"330102", **PLACE)[:length]
    if len(token) < 39:
        with pytest.raises(vault.Unreadable):
            vault.decrypt(token, **PLACE)


def test_the_same_value_never_gives_the_same_token() -> None:
    assert vault.encrypt(b"a", **PLACE) != vault.encrypt(b"a", **PLACE)


def test_a_token_carries_its_cipher_key_nonce_and_tag_and_no_more() -> None:
    assert len(vault.encrypt(b"12345", **PLACE)) == 1 + 4 + 12 + 5 + 16


def test_an_older_key_still_opens_and_no_longer_seals(use, cipher: str) -> None:
    use(ring(cipher, "sha256", OLDER))
    old = vault.encrypt(b"x", **PLACE)
    use(ring(cipher, "sha256", CURRENT, OLDER))
    assert vault.decrypt(old, **PLACE) == b"x"
    assert not vault.is_current(old)
    assert vault.is_current(vault.encrypt(b"x", **PLACE))


def test_without_its_key_a_token_is_unreadable(use, cipher: str) -> None:
    token = vault.encrypt(b"x", **PLACE)
    use(ring(cipher, "sha256", OLDER))
    with pytest.raises(vault.Unreadable, match="does not hold"):
        vault.decrypt(token, **PLACE)


def test_changing_the_cipher_leaves_old_tokens_readable(use, cipher: str) -> None:
    token = vault.encrypt(b"x", **PLACE)
    use(ring("sm4-gcm" if cipher == "aes-256-gcm" else "aes-256-gcm"))
    assert vault.decrypt(token, **PLACE) == b"x"
    assert not vault.is_current(token)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_blind_index_depends_on_its_purpose(value: str, purpose: str) -> None:
    mine = vault.blind_index(value, purpose=purpose)
    assert mine == vault.blind_index(value, purpose=purpose)
    assert mine != vault.blind_index(value, purpose=purpose + "x")


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", "１１０１０５19491231002X", "110105 1949-1231-002X "]
)
def test_one_number_typed_in_many_ways_has_one_blind_index(typed: str) -> None:
    plain = vault.blind_index("11010519491231002X", purpose="identity_number")
    assert vault.blind_index(typed, purpose="identity_number") == plain


def test_the_blind_index_is_the_standard_hmac_of_the_chosen_digest(use) -> None:
    use(ring(digest="sm3"))
    mac = hmac.HMAC(INDEX, hashes.SM3())
    mac.update(b"\0\0\0\5phone" + b"\0\0\0\x0b13800000000")
    assert vault.blind_index("13800000000", purpose="phone") == mac.finalize()


def test_a_data_key_opens_only_with_its_own_place() -> None:
    key, wrapped = vault.new_data_key()
    token = vault.seal(key, b"form", b"version 1")
    assert vault.open(vault.unwrap_key(wrapped), token, b"version 1") == b"form"
    for wrong_key, aad in ((key, b"version 2"), (b"\x09" * 32, b"version 1")):
        with pytest.raises(vault.Unreadable):
            vault.open(wrong_key, token, aad)


def test_a_wrapped_key_is_not_a_field_and_a_field_is_not_a_wrapped_key() -> None:
    _, wrapped = vault.new_data_key()
    with pytest.raises(vault.Unreadable):
        vault.decrypt(wrapped, table="", column="", row="")
    with pytest.raises(vault.Unreadable):
        vault.unwrap_key(vault.encrypt(b"k" * 32, **PLACE))


def test_no_key_shows_in_a_repr() -> None:
    shown = repr(ring())
    assert repr(CURRENT)[2:-1] not in shown and repr(INDEX)[2:-1] not in shown


def test_key_files_are_read_raw_or_as_hex_and_never_replaced(tmp_path: Path) -> None:
    generated, raw, index = tmp_path / "a.key", tmp_path / "b.key", tmp_path / "i.key"
    vault.new_key_file(path=generated)
    vault.new_key_file(path=index)
    with pytest.raises(FileExistsError):
        vault.new_key_file(path=generated)
    raw.write_bytes(OLDER)
    raw.chmod(0o400)
    keys = vault.Keyring.from_files(master_files=[generated, raw], index_file=index)
    assert keys.masters[1].secret == OLDER and generated.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "mode", "complaint"),
    [(b"short", 0o600, "neither"), (CURRENT, 0o644, "chmod 600"), (None, 0, "cannot read")],
)
def test_a_bad_key_file_is_named_with_what_mends_it(
    tmp_path: Path, content: bytes | None, mode: int, complaint: str
) -> None:
    path = tmp_path / "k"
    if content is not None:
        path.write_bytes(content)
        path.chmod(mode)
    with pytest.raises(vault.BadKeyFile, match=complaint):
        vault.Keyring.from_files(master_files=[path], index_file=path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"masters": []},
        {"masters": [b"short"]},
        {"masters": [CURRENT, CURRENT]},
        {"masters": [INDEX]},
        {"cipher": "des"},
        {"digest": "md5"},
    ],
)
def test_a_key_ring_refuses_what_would_weaken_it(wrong: dict) -> None:
    with pytest.raises(ValueError):
        vault.Keyring.of(**{"masters": [CURRENT], "index_key": INDEX} | wrong)


def test_the_vault_says_when_nobody_configured_it(use) -> None:
    vault._Door.load = vault._Door.ring = None
    with pytest.raises(vault.NotConfigured):
        vault.blind_index("x", purpose="phone")
