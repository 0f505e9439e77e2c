import pytest

import lakes
import spark as spark_of_tests


@pytest.fixture(scope="session")
def lake(tmp_path_factory):
    filled = lakes.Lake(tmp_path_factory.mktemp("clean") / "lake").fill()
    yield filled
    filled.check()  # all tables that the tests wrote, with us and with others in turn


@pytest.fixture(scope="session")
def dirty_lake(tmp_path_factory):
    filled = lakes.Lake(tmp_path_factory.mktemp("dirty") / "lake").fill(dirty=0.02)
    yield filled
    filled.check()


@pytest.fixture(scope="session")
def spark(tmp_path_factory):
    try:
        session = spark_of_tests.session(tmp_path_factory.mktemp("spark"))
    except Exception as error:  # no jars in the cache and no network
        pytest.skip(f"Spark with Delta does not start: {str(error)[:300]}")
    yield session
    session.stop()
