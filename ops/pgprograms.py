"""Where PostgreSQL's programs are on this machine."""

import shutil
from pathlib import Path

from ops.errors import OpsError

PACKAGES_REMEDY = "Install it: apt-get install postgresql-postgis (./callout doctor lists everything that is needed)."


def binaries(cluster: Path | None = None) -> Path:
    """The folder of PostgreSQL's programs: those that made `cluster`, else the newest that has PostGIS.

    Raises:
        OpsError: PostgreSQL (of the version that made the cluster) is not installed.
    """
    version_file = cluster / "PG_VERSION" if cluster else None
    if version_file and version_file.exists():
        needed = version_file.read_text().strip()
        for folder in (Path(f"/usr/lib/postgresql/{needed}/bin"), _on_path()):
            if folder and (folder / "postgres").exists():
                return folder
        raise OpsError(f"The data in {cluster} need PostgreSQL {needed}.", f"Install the package postgresql-{needed}.")
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    found.sort(key=lambda path: (_has_postgis(path), float(path.parent.name)), reverse=True)
    folder = found[0] if found else _on_path()
    if folder is None:
        raise OpsError("PostgreSQL is not installed.", PACKAGES_REMEDY)
    return folder


def _has_postgis(folder: Path) -> bool:
    return Path(f"/usr/share/postgresql/{folder.parent.name}/extension/postgis.control").exists()


def _on_path() -> Path | None:
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None
