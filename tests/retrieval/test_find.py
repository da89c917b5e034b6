from __future__ import annotations

from pathlib import Path

import pytest

from limner.errors import InputError
from limner.retrieval.find import discover, find


def write(path: Path, text: str = "Some text here.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_ids_are_paths_below_the_folder_and_hidden_files_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "docs/b/two.md")
    write(tmp_path / "docs/one.md")
    write(tmp_path / "docs/.git/config")
    write(tmp_path / "docs/.hidden.md")
    assert [name for name, _ in find([tmp_path / "docs"])] == ["one.md", "b/two.md"]


def test_ids_that_would_collide_are_prefixed_by_their_folders(tmp_path: Path) -> None:
    write(tmp_path / "a/faq.md")
    write(tmp_path / "b/faq.md")
    write(tmp_path / "b/more.md")
    assert [name for name, _ in find([tmp_path / "a", tmp_path / "b"])] == ["a/faq.md", "b/faq.md", "more.md"]


def test_folders_of_one_name_still_give_ids_of_their_own(tmp_path: Path) -> None:
    write(tmp_path / "x/docs/faq.md")
    write(tmp_path / "y/docs/faq.md")
    assert len({name for name, _ in find([tmp_path / "x/docs", tmp_path / "y/docs"])}) == 2


def test_a_single_file_is_called_by_its_name_and_counts_once(tmp_path: Path) -> None:
    file = write(tmp_path / "docs/faq.md")
    assert [name for name, _ in find([file, tmp_path / "docs"])] == ["faq.md"]


def test_links_that_leave_the_folder_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "secret.txt")
    write(tmp_path / "docs/one.md")
    (tmp_path / "docs/link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "docs/away").symlink_to(tmp_path)
    found = discover([tmp_path / "docs"])
    assert [each.document for each in found.found] == ["one.md"]
    assert {skipped.document for skipped in found.skipped} == {"link.txt", "away"}


@pytest.mark.parametrize("paths", [[], ["missing.md"], ["empty"]], ids=["none", "missing", "empty folder"])
def test_what_is_not_there_is_said(tmp_path: Path, paths: list[str]) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError):
        find([tmp_path / path for path in paths])
