"""A PostgreSQL socket that can lose the answer to a COMMIT."""

import select
import socket
import threading
from pathlib import Path

COMMIT = b"Q\x00\x00\x00\x0bcommit\x00"


class Proxy:
    """Passes connections on from DIRECTORY's socket to TARGET's. `lose(n)` arms it once."""

    def __init__(self, directory, target):
        self.directory, self.target = str(directory), Path(target) / ".s.PGSQL.5432"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(Path(directory) / ".s.PGSQL.5432"))
        self.listener.listen()
        self.lock, self.left, self.lost, self.open = threading.Lock(), 0, 0, True
        threading.Thread(target=self.accept, daemon=True).start()

    def lose(self, number):
        """Cut the connection behind the number-th COMMIT from now on, once it has taken effect."""
        with self.lock:
            self.left = number

    def close(self):
        self.open = False
        self.listener.close()

    def accept(self):
        while self.open:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def armed(self, data):
        """Whether this is the COMMIT whose answer is to be lost."""
        with self.lock:
            if self.left == 0 or COMMIT not in data:
                return False
            self.left -= 1
            self.lost += self.left == 0
            return self.left == 0

    def serve(self, client):
        server = socket.socket(socket.AF_UNIX)
        server.connect(str(self.target))
        with client, server:
            while True:
                ready, _, _ = select.select([client, server], [], [])
                for side in ready:
                    data = side.recv(1 << 16)
                    if not data:
                        return
                    if side is server:
                        client.sendall(data)
                        continue
                    server.sendall(data)
                    if self.armed(data):
                        server.recv(1 << 16)  # PostgreSQL has answered: it is committed
                        return
