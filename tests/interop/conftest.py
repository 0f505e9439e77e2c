import concurrent.futures
import signal

import pytest

import kinds as kinds_of_tests
import lakes
import peers
import s3 as s3_of_tests
import spark as spark_of_tests
import trino as trino_of_tests

# Engines in processes of their own, started when it is known that a test wants them.
background = {}


def pytest_sessionstart(session):
    # Who is told to stop stops its engines too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_finish(session):
    wanted = set()
    for item in session.items:
        wanted.update(item.fixturenames)
        if hasattr(item, "callspec"):  # the engine of a test may be its parameter
            wanted.add(item.callspec.params.get("engine"))
    folders = session.config._tmp_path_factory
    if wanted & {"spark35", "readings"} and peers.spark35_python():
        background["spark35"] = peers.Spark35(peers.spark35_python(), folders.mktemp("spark35"))
    if wanted & {"trino", "readings"} and peers.trino_home():
        s3 = s3_of_tests.S3(peers.s3_program()) if peers.s3_program() else None
        background["trino"] = peers.OfTrino(trino_of_tests.Trino(peers.trino_home(), folders.mktemp("trino"), folders.getbasetemp(), s3), s3)


def pytest_sessionfinish(session):
    for engine in background.values():
        engine.stop()


@pytest.fixture(scope="session")
def lake(tmp_path_factory):
    filled = lakes.Lake(tmp_path_factory.mktemp("clean") / "lake").fill()
    yield filled
    filled.close()
    filled.check()  # all tables that the tests wrote, with us and with others in turn


@pytest.fixture(scope="session")
def dirty_lake(tmp_path_factory):
    filled = lakes.Lake(tmp_path_factory.mktemp("dirty") / "lake").fill(dirty=0.02)
    yield filled
    filled.close()
    filled.check()


@pytest.fixture(scope="session")
def kinds(tmp_path_factory):
    """A lake with a table of each kind, which nobody changes."""
    lake = lakes.Lake(tmp_path_factory.mktemp("kinds") / "lake")
    lake.run("init")
    for kind in kinds_of_tests.KINDS:
        kind.write(lake)
    lake.check()
    yield lake
    lake.close()


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    try:
        session = spark_of_tests.session(tmp_path_factory.mktemp("spark"))
    except Exception as error:  # no jars in the cache and no network
        pytest.skip(f"Spark with Delta does not start: {str(error)[:300]}")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def spark4(spark):
    return peers.Spark4(spark)


@pytest.fixture(scope="session")
def spark35():
    return background.get("spark35") or pytest.skip("Spark 3.5 could not be installed")


@pytest.fixture(scope="session")
def trino():
    return background.get("trino") or pytest.skip("Trino could not be installed")


@pytest.fixture(scope="session")
def s3_lake(trino):
    """Where Trino writes: on a local disk it does not."""
    if trino.s3 is None:
        pytest.skip("the S3 server of tests/interop/requirements-s3.txt could not be installed")
    trino.s3.make_bucket()
    lake = lakes.S3Lake(trino.s3, "lake")
    lake.run("init")
    yield lake
    lake.close()


@pytest.fixture(scope="session")
def delta_rs():
    return peers.DeltaRs()


@pytest.fixture(scope="session")
def readings(kinds, delta_rs):
    """What each engine in the background reads of each kind: engine -> kind -> a future of its rows.

    All read at the same time as the tests that need none of them go on.
    """
    engines = {**background, "delta_rs": delta_rs, "duckdb": peers.DuckDB()}
    with concurrent.futures.ThreadPoolExecutor(len(engines)) as threads:
        def read_all(engine, futures):
            for kind, future in futures.items():
                try:
                    future.set_result(engine.read(kinds.path(kind)))
                except Exception as error:  # the test of this kind looks at it
                    future.set_exception(error)

        every = {}
        for name, engine in engines.items():
            every[name] = {kind.table: concurrent.futures.Future() for kind in kinds_of_tests.KINDS}
            threads.submit(read_all, engine, every[name])
        yield every
