"""An S3 of its own on loopback, for an engine that writes only there."""
import socket
import subprocess
import urllib.parse
import urllib.request
import xml.etree.ElementTree

from server_output import ServerOutput

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
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.output = ServerOutput(self.process, ready="Running on")

    def make_bucket(self):
        self.output.wait("the S3 of the tests", READY_SECONDS)
        urllib.request.urlopen(urllib.request.Request(f"{self.endpoint}/{BUCKET}", method="PUT"), timeout=60).close()

    def names(self, prefix):
        """The objects whose keys begin so; fewer than a thousand."""
        query = urllib.parse.urlencode({"list-type": 2, "prefix": prefix})
        with urllib.request.urlopen(f"{self.endpoint}/{BUCKET}?{query}", timeout=30) as answer:
            return [key.text for key in xml.etree.ElementTree.parse(answer).iter() if key.tag.endswith("Key")]

    def stop(self):
        self.process.terminate()
        self.process.wait()
