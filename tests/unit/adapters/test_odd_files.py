"""A pipe, a folder, a socket, a device or a link under the name of a file: refused in one line, and never waited for.

Each case runs with a time limit of the operating system: opening a pipe that nobody writes to would hang for ever.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autonomous_trading.adapters import load_bars
from autonomous_trading.adapters._ordinary import NotOrdinary, lies_inside, ordinary_bytes
from autonomous_trading.adapters.catalogue import ParquetCatalogue, query
from autonomous_trading.adapters.catalogue._manifest import sealed_text
from autonomous_trading.adapters.catalogue._names import actions_folder, folder_name, series_folder
from autonomous_trading.adapters.providers import FileProvider
from autonomous_trading.adapters.series import read_series
from autonomous_trading.core import InvalidInput, StoreDamaged, StoreUnavailable, Timeframe, UnknownName
from autonomous_trading.data import BarsRequest, SeriesKey, Span
from autonomous_trading.testing.contracts.catalogues import delivered, made_bars

KEY = SeriesKey("contract", "X", Timeframe.of("1m"))
pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes, sockets and links are made here as POSIX has them")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.mkdir()


def a_socket(path: Path) -> None:
    bound = socket.socket(socket.AF_UNIX)
    before = Path.cwd()
    os.chdir(path.parent)  # the name of a socket has room for some hundred characters
    try:
        bound.bind(path.name)
    finally:
        os.chdir(before)
        bound.close()


def a_link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path)


ODD = (a_pipe, a_folder, a_socket, a_link_to_a_device)
Odd = Callable[[Path], None]


@pytest.fixture(autouse=True)
def never_waited_for() -> Iterator[None]:
    def late(*_: object) -> None:
        raise AssertionError("it was waited for")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def catalogue(tmp_path: Path) -> ParquetCatalogue:
    made = ParquetCatalogue(tmp_path / "root")
    made.commit(KEY, delivered(made_bars(0, 5), 0, 5, 10))
    return made


def in_place_of(path: Path, odd: Odd) -> None:
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    odd(path)


@pytest.mark.parametrize("odd", ODD)
def test_in_place_of_a_manifest(catalogue: ParquetCatalogue, odd: Odd) -> None:
    in_place_of(series_folder(catalogue.root, KEY) / "manifest.json", odd)
    for ask in (
        catalogue.series,
        lambda: catalogue.read(KEY),
        lambda: catalogue.summary(KEY),
        lambda: catalogue.commit(KEY, delivered(made_bars(9, 1), 9, 1, 20)),
        lambda: query(catalogue, "FROM bars", keys=[KEY]),
    ):
        with pytest.raises(StoreUnavailable, match=r"cannot read .*manifest\.json: it is a .*Fix: make it a file"):
            ask()


@pytest.mark.parametrize("odd", ODD)
def test_in_place_of_a_part(catalogue: ParquetCatalogue, odd: Odd) -> None:
    in_place_of(next(catalogue.root.rglob("bars-*.parquet")), odd)
    for ask in (lambda: catalogue.read(KEY), lambda: query(catalogue, "FROM bars", keys=[KEY])):
        with pytest.raises(StoreUnavailable, match=r"cannot read .*parquet: it is a "):
            ask()


def test_in_place_of_a_part_more_bytes_than_were_written_are_not_read(catalogue: ParquetCatalogue) -> None:
    part = next(catalogue.root.rglob("bars-*.parquet"))
    os.truncate(part, 1 << 40)  # a file of holes: it takes no room on the disk
    with pytest.raises(StoreDamaged, match=r"parquet is damaged: its checksum does not hold"):
        catalogue.read(KEY)


@pytest.mark.parametrize("odd", ODD)
def test_in_place_of_actions(catalogue: ParquetCatalogue, odd: Odd) -> None:
    in_place_of(actions_folder(catalogue.root, "s", "X") / "actions.json", odd)
    with pytest.raises(StoreUnavailable, match=r"cannot read .*actions\.json: it is a "):
        catalogue.actions("s", "X")


@pytest.mark.parametrize("odd", [*ODD, a_link_to_itself])
def test_in_place_of_the_lock_and_of_the_folder(catalogue: ParquetCatalogue, odd: Odd) -> None:
    other = SeriesKey("contract", "Y", Timeframe.of("1m"))
    in_place_of(series_folder(catalogue.root, other).parent / "made-first", a_folder)
    if odd is not a_folder:
        in_place_of(catalogue.root / folder_name("contract") / folder_name("Y") / "1m-raw", odd)
        with pytest.raises((StoreUnavailable, StoreDamaged), match="Fix:"):
            catalogue.commit(other, delivered(made_bars(0, 1), 0, 1, 9))
    if odd is not a_pipe:  # a lock can be had on a pipe as well as on a file
        in_place_of(series_folder(catalogue.root, KEY) / "lock", odd)
        with pytest.raises(StoreUnavailable, match=r"cannot write .*lock"):
            catalogue.commit(KEY, delivered(made_bars(9, 1), 9, 1, 20))


def test_what_is_not_ours_is_left_where_it_is(catalogue: ParquetCatalogue) -> None:
    folder = series_folder(catalogue.root, KEY)
    for name in (".x.tmp", "bars-00000009-deadbeef.parquet"):
        a_folder(folder / name)
    assert catalogue.commit(KEY, delivered(made_bars(9, 1), 9, 1, 20)).new == 1
    assert (folder / ".x.tmp").is_dir()


def test_a_link_out_of_the_root_is_not_read(catalogue: ParquetCatalogue, tmp_path: Path) -> None:
    """Whatever lies there: a catalogue of somebody else would be listed and asked as if it were ours."""
    other = ParquetCatalogue(tmp_path / "other")
    other.commit(SeriesKey("secret", "S", Timeframe.of("1m")), delivered(made_bars(0, 5), 0, 5, 10))
    (catalogue.root / "link").symlink_to(other.root / folder_name("secret"))
    (damaged,) = catalogue.survey().damaged
    assert "a link that leads out of the catalogue" in str(damaged.error)
    assert all(key.source != "secret" for key in catalogue.survey().keys)
    answer = query(catalogue, "SELECT DISTINCT source FROM bars")
    assert ("secret",) not in answer.rows
    assert [each.folder for each in answer.left_out] == [damaged.folder]


@pytest.mark.parametrize("text", ["{", "[" * 100_000, "[]", '{"format": 1, "received_at": "x", "spans": [[9]]}'])
def test_a_sealed_text_of_something_else_is_damage(catalogue: ParquetCatalogue, text: str) -> None:
    import hashlib

    path = actions_folder(catalogue.root, "s", "X") / "actions.json"
    path.parent.mkdir(parents=True)
    path.write_text(f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}\n")
    with pytest.raises(StoreDamaged, match="it holds"):
        catalogue.actions("s", "X")
    path.write_text(sealed_text({"format": 1, "actions": [], "spans": [[9]], "received_at": 0}))
    with pytest.raises(StoreDamaged, match="it holds no corporate actions"):
        catalogue.actions("s", "X")


@pytest.mark.parametrize("name", ["x" * 5_000, "y" * 300, "a\0b"])
def test_no_catalogue_can_lie_under_an_impossible_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"no catalogue can lie in .*Fix: name a folder") as told:
        ParquetCatalogue(f"{tmp_path}/{name}")
    assert len(str(told.value)) < 200
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(InvalidInput, match="no catalogue can lie in"):
        ParquetCatalogue(tmp_path / "loop")


@pytest.mark.parametrize("odd", [*ODD, a_link_to_itself])
@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".feather"])
def test_in_place_of_data(tmp_path: Path, odd: Odd, suffix: str) -> None:
    path = tmp_path / f"SPY{suffix}"
    odd(path)
    with pytest.raises(InvalidInput, match="Fix:"):
        read_series(path)
    if odd is not a_folder:  # a folder is a place of data too, by whatever name
        with pytest.raises(InvalidInput, match="Fix:"):
            load_bars(path)
    days = BarsRequest((str(path),), Timeframe.of("1d"), Span(0, 10**15))
    with pytest.raises(UnknownName, match="file"):
        list(FileProvider().pages(days))


@pytest.mark.parametrize("name", ["a\0b.csv", "y" * 5_000, "loop/SPY.csv", "../SPY.csv", "sub/\0"])
def test_no_name_leads_out_of_a_folder_of_files(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    text = "date,open,high,low,close\n2024-01-02,1,1,1,1\n"
    for path in (tmp_path / "SPY.csv", folder / "MSFT.csv"):
        path.write_text(text)
    (folder / "loop").symlink_to(folder / "loop")
    days = BarsRequest((name,), Timeframe.of("1d"), Span(0, 10**18))
    with pytest.raises(UnknownName, match="file"):
        list(FileProvider(str(folder)).pages(days))


def test_what_is_ordinary(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    (tmp_path / "link").symlink_to(path)
    assert ordinary_bytes(path, links=False, most=5) == ordinary_bytes(tmp_path / "link") == b"12345"
    with pytest.raises(NotOrdinary, match="it is a link"):
        ordinary_bytes(tmp_path / "link", links=False)
    assert ordinary_bytes(path, most=3) == b"1234"
    with pytest.raises(FileNotFoundError):
        ordinary_bytes(tmp_path / "nothing")
    assert lies_inside(tmp_path / "link", tmp_path)
    assert not lies_inside(tmp_path / "..", tmp_path)
    assert not lies_inside(tmp_path / "a\0b", tmp_path)
