"""An S3 of its own on loopback, for an engine that writes only there."""
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

BUCKET = "tests"
READY_SECONDS = 60


class S3:
    """Starts in the background: whoever asks first waits for it."""

    environment = {"AWS_ACCESS_KEY_ID": "testkey", "AWS_SECRET_ACCESS_KEY": "testsecret", "AWS_REGION": "us-east-1"}

    def __init__(self, program):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.environment = {**self.environment, "AWS_ENDPOINT_URL_S3": self.endpoint}
        self.process = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(self.port)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def make_bucket(self):
        end = time.monotonic() + READY_SECONDS
        while True:
            try:
                urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/{BUCKET}", method="PUT"), timeout=10).close()
                return
            except urllib.error.URLError:
                assert self.process.poll() is None and time.monotonic() < end, "the S3 of the tests does not start"
                time.sleep(0.1)

    def names(self, prefix):
        """The objects whose keys begin so; fewer than a thousand."""
        query = urllib.parse.urlencode({"list-type": 2, "prefix": prefix})
        with urllib.request.urlopen(f"{self.endpoint}/{BUCKET}?{query}", timeout=30) as answer:
            return [key.text for key in xml.etree.ElementTree.parse(answer).iter() if key.tag.endswith("Key")]

    def stop(self):
        self.process.terminate()
        self.process.wait()
