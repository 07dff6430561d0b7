"""What ``windlass demo`` reads: which files it finds, and what it counts in one."""

import functools
import hashlib
import io
import itertools
import json
import keyword
import os
import stat
import sys
import threading
import tokenize
from collections import Counter
from pathlib import Path

import pytest

from windlass import demo_source

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX links and FIFOs")


def never() -> bool:
    return False


def unexpected(path: str, error: OSError) -> None:
    pytest.fail(f"{path}: {error}")


# ---- one file


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = b", "a b"),
        ("if a: pass", "a"),
        ("a # b c", "a"),
        ("a = 'b' \"c\" d", "a d"),
        ("'''a\nb''' + c", "c"),
        ('"""a " b "" c""" + d', "d"),
        ("'a\\'b' + c", "c"),
        ("r'a\\' + b", ""),
        ("rb'a' + Rb'b' + f'{c}' + d", "d"),
        ("rx'a' + b", "rx b"),
        ("'unclosed a\nb", "b"),
        ("'continued \\\n a' + b", "b"),
        ("'''unclosed a\nb", ""),
        ("0x1f + 1e5 + 1.e5 + 2.j + 1_000j + .5e3 + a", "a"),
        ("1.real + 0xffor", "real"),
        ("x.__init__(_)", "x __init__ _"),
        ("print 'python 2', x", "print x"),
        ("naïve = 変数", "naïve 変数"),
        ("\ufb01n + fin", "fin fin"),  # the ligature: one name for the compiler
        ("x\u00b2 + \u00b2", ""),
        ("", ""),
    ],
)
def test_count_names_counts_identifiers_only(source: str, names: str) -> None:
    assert demo_source.count_names(source, never) == Counter(names.split())


def test_count_names_agrees_with_tokenize() -> None:
    compared = 0
    for module in (functools, io, itertools, json, stat, threading, tokenize):
        if not getattr(module, "__file__", None):
            continue
        text = Path(module.__file__ or "").read_text(encoding="utf-8")
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
        if any(tokenize.tok_name[token.type] == "FSTRING_START" for token in tokens):
            continue  # since 3.12 tokenize looks into f-strings
        expected = Counter(token.string for token in tokens if token.type == tokenize.NAME)
        for word in keyword.kwlist:
            del expected[word]
        assert demo_source.count_names(text, never) == expected
        compared += 1
    assert compared


def test_count_names_stops_when_asked() -> None:
    with pytest.raises(demo_source.Stopped):
        demo_source.count_names("a b c", lambda: True)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (b"# -*- coding: latin-1 -*-\n'\xe9'\n", "# -*- coding: latin-1 -*-\n'\u00e9'\n"),
        (
            b"#!/bin/sh\n# vim: set fileencoding=cp1252 :\n'\x80'",
            "#!/bin/sh\n# vim: set fileencoding=cp1252 :\n'\u20ac'",
        ),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        (b"", ""),
    ],
)
def test_decode_follows_pep_263(source: bytes, text: str) -> None:
    assert demo_source.decode(source) == text


@pytest.mark.parametrize(
    "source",
    [
        b"\xff\n",
        b"# coding: klingon\n",
        b"\xef\xbb\xbf# coding: latin-1\n",
        b"# coding: rot13\n",
        b"x = 1\n\n\xff",
    ],
)
def test_decode_refuses_when_undecodable(source: bytes) -> None:
    with pytest.raises((SyntaxError, ValueError, LookupError)):
        demo_source.decode(source)


def test_read_file_reports_size_hash_lines_and_names(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    for source, lines in ((b"", 0), (b"a", 1), (b"a\n", 1), (b"a\r\nb", 2), (b"\n\n", 2)):
        path.write_bytes(source)
        report = demo_source.read_file(str(path), never)
        assert (report.size_bytes, report.lines) == (len(source), lines)
        assert report.sha256 == hashlib.sha256(source).hexdigest()


def test_read_bytes_refuses_what_is_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.py"
    path.write_bytes(b"12345")
    monkeypatch.setattr(demo_source, "MAX_BYTES", 5)
    assert demo_source.read_bytes(str(path), never) == b"12345"
    path.write_bytes(b"123456")
    with pytest.raises(OSError, match="longer than"):
        demo_source.read_bytes(str(path), never)


def test_read_bytes_stops_when_asked(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_bytes(b"12345")
    with pytest.raises(demo_source.Stopped):
        demo_source.read_bytes(str(tmp_path / "x.py"), lambda: True)


@needs_links
def test_read_bytes_refuses_a_fifo_that_took_the_place_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "x.py")
    (tmp_path / "file").touch()
    before = os.stat(tmp_path / "file")
    monkeypatch.setattr(os, "stat", lambda path: before)  # what stat saw just before the exchange
    with pytest.raises(OSError, match="not a regular file"):
        demo_source.read_bytes(str(tmp_path / "x.py"), never)


# ---- the tree


def test_scan_finds_python_files_in_a_fixed_order(tree: Path) -> None:
    errors: list[tuple[str, OSError]] = []
    found = list(demo_source.scan(str(tree), lambda *error: errors.append(error)))
    assert found == [(name, (tree / name).stat().st_size) for name in ("a.py", "pkg/b.py", "pkg/sub/c.py")]
    assert list(demo_source.scan(str(tree), lambda *error: errors.append(error), skip=("sub",))) == found[:2]
    assert errors == []


def test_scan_enters_a_directory_named_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.py").mkdir()
    (tmp_path / "x.py" / "y.py").touch()
    assert list(demo_source.scan(str(tmp_path), unexpected)) == [("x.py/y.py", 0)]


@needs_links
def test_scan_follows_links_to_files_but_not_to_directories(tree: Path) -> None:
    (tree / "loop").symlink_to(tree)
    (tree / "loop.py").symlink_to(tree / "pkg")
    (tree / "link.py").symlink_to("a.py")
    found = [path for path, _ in demo_source.scan(str(tree), unexpected)]
    assert found == ["a.py", "link.py", "pkg/b.py", "pkg/sub/c.py"]
