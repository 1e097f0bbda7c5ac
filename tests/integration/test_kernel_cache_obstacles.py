"""What the cache of kernels meets on real machines: full disks, damaged files, folders of others; computing goes on."""

from __future__ import annotations

import errno
import os
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from autonomous_trading.core import jit
from tests.integration.test_kernel_cache import (
    TINY,
    Answer,
    Place,
    a_file_in_the_way,
    answer,
    empty_place,
    expected,
    made_home,
)

TEMPORARY_FILE = tempfile.TemporaryFile
NO_ROOM = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return empty_place(tmp_path)


@pytest.fixture
def here(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The place of this very process."""
    return made_home(place, monkeypatch)


class TestAFullDisk:
    def test_is_noticed_before_it_is_relied_on(self, here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        class FullFile:
            def __enter__(self) -> FullFile:
                return self

            def __exit__(self, *_: object) -> None:
                pass

            def write(self, _: bytes) -> int:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def temporary_file(**given: Path) -> FullFile | IO[bytes]:
            folder = given["dir"]
            return FullFile() if here.caches in folder.parents else TEMPORARY_FILE(dir=folder)

        monkeypatch.setattr(tempfile, "tempdir", str(here.temporary))
        monkeypatch.setattr(tempfile, "TemporaryFile", temporary_file)
        assert jit.cache_directory().parent == here.temporary / f"autonomous_trading-{os.getuid()}"

    def test_from_the_start_is_no_obstacle(self, place: Place) -> None:
        found = answer(place.start(NO_ROOM + TINY))
        assert found == Answer(Path(), expected(), found=0, compiled=1)

    def test_that_is_full_when_a_kernel_is_saved_is_no_obstacle(self, place: Place) -> None:
        for _ in range(2):
            found = answer(place.start(TINY.replace("\nresult =", f"\n{NO_ROOM}result =")))
            assert (found.folder.parent, found.result, found.compiled) == (place.kernels, expected(), 1)
        assert (place.run().compiled, place.run().found) == (1, 1)


def emptied(_: bytes) -> bytes:
    return b""


def cut_short(held: bytes) -> bytes:
    return held[: len(held) // 2]


def zeroed(held: bytes) -> bytes:
    return bytes(len(held))


class TestADamagedFile:
    @pytest.mark.parametrize("kind", ["nbi", "nbc"])
    @pytest.mark.parametrize("damage", [emptied, cut_short, zeroed])
    def test_is_replaced_and_the_kernel_compiled_anew(
        self, place: Place, kind: str, damage: Callable[[bytes], bytes]
    ) -> None:
        first = place.run()
        files = list(first.folder.rglob(f"*.{kind}"))
        for file in files:
            file.write_bytes(damage(file.read_bytes()))
        assert len(files) == 2  # of the kernel and of its step
        second, third = place.run(), place.run()
        assert (second.folder, second.compiled, second.result) == (first.folder, 1, expected())
        assert (third.folder, third.found, third.result) == (first.folder, 1, expected())

    def test_that_nobody_can_remove_is_no_obstacle(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(_: Path) -> None:
            raise PermissionError

        class Damaged:
            """numba's cache of a function when its files are damaged."""

            cache_path = str(place.caches)
            _impl = types.SimpleNamespace(filename_base="fold")

            def load_overload(self, *_: object) -> object:
                raise EOFError

            save_overload = load_overload

        (place.caches / "fold.nbi").touch()
        monkeypatch.setattr(Path, "unlink", refuse)
        cache = jit._Cache(Damaged())
        assert cache.load_overload("signature", None) is None
        cache.save_overload("signature", None)


class TestAmongTheTemporaryFiles:
    @pytest.fixture
    def shared(self, here: Place, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The folder of this user, where no other can be written to."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(a_file_in_the_way(here)))
        monkeypatch.setattr(tempfile, "tempdir", str(here.temporary))
        return here.temporary / f"autonomous_trading-{os.getuid()}"

    def test_a_folder_for_its_user_alone_is_used(self, shared: Path) -> None:
        assert jit.cache_directory().parent == shared
        assert shared.stat().st_mode & 0o077 == 0
        assert jit.cache_directory().parent == shared

    @pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
    def test_one_that_others_may_write_to_is_not(self, shared: Path, mode: int) -> None:
        shared.mkdir()
        shared.chmod(mode)
        assert jit.cache_directory().parent == shared.parent

    @pytest.mark.parametrize("mode", [0o720, 0o702])
    def test_nor_is_one_that_holds_kernels_others_may_write_to(self, shared: Path, mode: int) -> None:
        jit.cache_directory().chmod(mode)
        assert jit.cache_directory().parent == shared.parent

    def test_nor_is_a_link_to_one(self, shared: Path) -> None:
        elsewhere = shared.parent / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        shared.symlink_to(elsewhere)
        assert jit.cache_directory().parent == shared.parent

    @pytest.mark.parametrize(("mode", "used"), [(0o777, False), (0o1777, True), (0o770, False), (0o700, True)])
    def test_one_where_others_may_put_theirs_in_its_place_is_not(self, shared: Path, mode: int, used: bool) -> None:
        shared.parent.chmod(mode)
        assert (jit.cache_directory().parent == shared) is used

    def test_one_of_another_user_is_not(self, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        shared.mkdir(mode=0o700)
        others = os.getuid() + 1
        monkeypatch.setattr(os, "getuid", lambda: others)
        shared.rename(shared.parent / f"autonomous_trading-{others}")
        assert jit.cache_directory().parent == shared.parent


def nothing_to_ask() -> str:
    raise FileNotFoundError("No usable temporary directory found")


class TestWithoutATemporaryFolder:
    def test_nobody_asks_for_one_while_the_users_cache_works(
        self, here: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tempfile, "gettempdir", nothing_to_ask)
        assert jit.cache_directory().parent == here.kernels

    def test_kernels_are_compiled_and_not_kept(self, place: Place) -> None:
        nowhere = "import tempfile\ndef refuse():\n    raise FileNotFoundError\ntempfile.gettempdir = refuse\n"
        obstacle = str(a_file_in_the_way(place))
        found = answer(place.start(nowhere + TINY, XDG_CACHE_HOME=obstacle))
        assert found == Answer(Path(), expected(), found=0, compiled=1)
        assert list(place.temporary.iterdir()) == []
