"""One `up` (or restore) at a time on a data folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from ops.errors import OpsError
from ops.folders import CHECKOUT
from ops.presence import present

HOLD = (
    "import sys; from pathlib import Path; from ops.presence import present\n"
    "with present(Path(sys.argv[1]), 'serves http://there:1'): print('in', flush=True); input()"
)


def test_the_second_is_told_who_is_there_and_a_killed_one_does_not_count(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=CHECKOUT
    )
    assert holder.stdout
    assert holder.stdout.readline() == b"in\n"
    told = rf"process {holder.pid} serves http://there:1"
    with pytest.raises(OpsError, match=told), present(tmp_path, "serves elsewhere"):
        pass
    holder.kill()
    holder.communicate()
    with present(tmp_path, "serves elsewhere"):
        assert "elsewhere" in (tmp_path / "up.lock").read_text()
