"""Names that anyone may have written lead nowhere else."""

import pytest

from cjmlab.errors import SourceError
from cjmlab.sources.names import file_name, path_inside

HOSTILE = [
    "../../etc/passwd", "/etc/passwd", "C:\\Windows\\x", "CON", "nul.txt", "LPT1", "a/b", "a\\b", "", ".", "..", "...", " ", "\0", "a\0b",
    "x" * 500, "汉" * 500, "‮gpj.exe", "<script>", "name?*|\"", "-rf", "~", "$HOME", "`id`", "ａ／ｂ", "COM¹", "\n", "file.", "🙂",
]  # fmt: skip


def test_hostile_words_become_plain_names(tmp_path):
    names = []
    for words in HOSTILE:
        name = file_name(words, taken=names)
        names.append(name)
        path = path_inside(tmp_path, name + ".csv")
        path.write_text("x")
        assert path.parent == tmp_path
    assert len({name.casefold() for name in names}) == len(HOSTILE)
    assert len(list(tmp_path.iterdir())) == len(HOSTILE)


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "link/x", "a\0b"])
def test_paths_stay_inside(tmp_path, name):
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path)
    with pytest.raises(SourceError, match="outside of the folder"):
        path_inside(tmp_path / "root", name)
