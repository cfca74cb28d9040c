"""Handing the local authority's certificate to phones."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

AUTHORITY_PATH = "/callout-authority.crt"


def offer_authority(authority: Path, host: str, port: int) -> ThreadingHTTPServer:
    """Serve the authority's certificate, and nothing else, over plain HTTP: phones need it before they can trust us."""
    content = authority.read_bytes()

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path != AUTHORITY_PATH:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/x-x509-ca-cert")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: this is not the product's log."""

    server = ThreadingHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
