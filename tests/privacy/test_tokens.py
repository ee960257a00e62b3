import hashlib
import hmac
import stat

import polars as pl
import pytest

from tocsin.errors import KeyFileError
from tocsin.privacy.tokens import TokenKey, token, token_id

KEY = TokenKey(bytes(range(32)))


def test_a_digest_is_hmac_sha256_with_the_secret_in_hexadecimal():
    digests = pl.DataFrame({"text": ["1850578006084", "é", "", None]}).select(KEY.digest(pl.col("text"))).to_series()
    secret = KEY.secret.hex().encode()
    expected = [hmac.new(secret, text.encode(), hashlib.sha256).hexdigest() for text in ("1850578006084", "é", "")]
    assert digests.to_list() == [*expected, None]


def test_a_known_digest_stays_the_same_whatever_the_libraries():
    digest = pl.select(KEY.digest(pl.lit("1850578006084"))).item()
    assert digest == "75e35928d7a445a9af5c99d0cc010b005fd04465a0c5a05cebc935c543ec4566"


def test_a_token_has_128_bits_and_its_id_64():
    digest = pl.select(digest=KEY.digest(pl.lit("x")))
    made = digest.select(token=token(pl.col("digest")), id=token_id(token(pl.col("digest")))).row(0)
    assert len(made[0]) == 32
    assert made[1] == int(made[0][:16], 16)


def test_a_key_file_is_for_its_owner_alone_and_comes_back(tmp_path):
    path = tmp_path / "deep" / "key"
    key = TokenKey.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert TokenKey.load(path) == key
    assert TokenKey.load(path).fingerprint == key.fingerprint
    assert key.secret.hex() not in (repr(key), key.fingerprint)


def test_throwaway_keys_differ():
    assert TokenKey.throwaway().fingerprint != TokenKey.throwaway().fingerprint


def test_never_writes_over_a_key(tmp_path):
    TokenKey.create(tmp_path / "key")
    with pytest.raises(KeyFileError, match="already there"):
        TokenKey.create(tmp_path / "key")


def test_refuses_to_write_where_it_cannot(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError, match="cannot be written"):
        TokenKey.create(tmp_path / "file" / "key")


def test_refuses_a_key_that_others_may_read(tmp_path):
    path = tmp_path / "key"
    TokenKey.create(path)
    path.chmod(0o640)
    with pytest.raises(KeyFileError, match=r"may be read by others \(mode 0640\).*chmod 600"):
        TokenKey.load(path)


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "00" * 16])
def test_refuses_what_is_no_key(tmp_path, text):
    path = tmp_path / "key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="64 hexadecimal digits"):
        TokenKey.load(path)


def test_refuses_a_key_that_is_not_there(tmp_path):
    with pytest.raises(KeyFileError, match="cannot be read: No such file"):
        TokenKey.load(tmp_path / "key")
