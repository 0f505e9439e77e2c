"""What a server that the tests start says of itself: the line by which it is ready, and its last ones if it is not."""
import collections
import threading


class ServerOutput:
    """Reads all that `process` writes to its stdout, a pipe, so that it never waits for a reader."""

    def __init__(self, process, ready):
        self.ready = threading.Event()
        self.last = collections.deque(maxlen=60)
        threading.Thread(target=self._read, args=(process.stdout, ready), daemon=True).start()

    def _read(self, lines, ready):
        for line in lines:
            text = line.decode(errors="replace")
            self.last.append(text)
            if ready in text:
                self.ready.set()
        self.ended = True
        self.ready.set()

    ended = False

    def wait(self, name, seconds):
        assert self.ready.wait(seconds) and not self.ended, f"{name} does not start:\n{''.join(self.last)}"
