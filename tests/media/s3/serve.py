"""OpenStack Swift with its S3 face, all in one process on the loopback: `python serve.py FOLDER` prints its port.

It is there for what the usual fakes do not do: it checks every signature.
"""

from __future__ import annotations

import sys
from pathlib import Path

import eventlet

eventlet.monkey_patch()

from eventlet import wsgi  # noqa: E402
from swift.common.ring import RingBuilder  # noqa: E402
from swift.common.utils import set_swift_dir  # noqa: E402
from swift.common.wsgi import loadapp  # noqa: E402

STORAGE = """[DEFAULT]
devices = {folder}/devices
swift_dir = {folder}
mount_check = false
fallocate_reserve = 0
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""
MIDDLEWARE = ("catch_errors", "gatekeeper", "listing_formats", "s3api", "tempauth", "copy", "slo", "dlo")
OPTIONS = {
    "tempauth": "user_test_tester = testing .admin\n",
    "s3api": "location = us-east-1\n",
}


def proxy(folder: Path) -> str:
    """The configuration of the face."""
    head = f"[DEFAULT]\nswift_dir = {folder}\n[pipeline:main]\npipeline = {' '.join(MIDDLEWARE)} proxy-server\n"
    app = "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n"
    return head + app + "".join(f"[filter:{m}]\nuse = egg:swift#{m}\n{OPTIONS.get(m, '')}" for m in MIDDLEWARE)


def ring(folder: Path, name: str, port: int) -> None:
    """One replica on one device."""
    builder = RingBuilder(part_power=2, replicas=1, min_part_hours=0)
    where = {"region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "device": "d1", "weight": 1}
    builder.add_dev({**where, "replication_ip": "127.0.0.1", "replication_port": port, "meta": ""})
    builder.rebalance(seed=1)
    builder.get_ring().save(str(folder / f"{name}.ring.gz"))


def main(folder: Path) -> None:
    """Serves until it is killed."""
    (folder / "devices" / "d1").mkdir(parents=True)
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = callout\n")
    set_swift_dir(str(folder))
    doors = {name: eventlet.listen(("127.0.0.1", 0)) for name in ("account", "container", "object", "proxy")}
    for name in ("account", "container", "object"):
        ring(folder, name, doors[name].getsockname()[1])
        (folder / f"{name}.conf").write_text(STORAGE.format(folder=folder, name=name))
    (folder / "proxy.conf").write_text(proxy(folder))
    for name, door in doors.items():
        app = loadapp(str(folder / f"{name}.conf"), global_conf={"log_name": name})
        eventlet.spawn(wsgi.server, door, app, log_output=False)
    print(doors["proxy"].getsockname()[1], flush=True)
    eventlet.sleep(10**6)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
