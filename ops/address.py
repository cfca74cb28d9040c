"""Where the server listens."""

import socket
from dataclasses import dataclass

from ops.errors import OpsError


def lan_address() -> str:
    """The address under which other machines of the network reach us; 127.0.0.1 when there is no network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; the kernel picks the interface
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


@dataclass(frozen=True)
class Address:
    """Where the server listens, and how it is called from there."""

    host: str
    port: int
    tls: bool

    @property
    def name(self) -> str:
        """The host as others write it; the machine's own address when every interface is served."""
        return lan_address() if self.host in ("0.0.0.0", "::") else self.host

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.name}:{self.port}"

    def check_free(self) -> None:
        """Raise OpsError when somebody else listens there."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as taken:
                raise OpsError(
                    f"Cannot listen on {self.host}:{self.port}: {taken.strerror}.", "Choose another with --port."
                ) from taken
