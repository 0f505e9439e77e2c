"""The events of an ingest and a run as OpenLineage's own classes read them."""

import json
import os
import pathlib
import subprocess

import pytest

import lakes

PYTHON = os.environ.get("CLAIMLAKE_OPENLINEAGE", "")
READER = pathlib.Path(__file__).with_name("open_lineage_reader.py")


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    lake = lakes.Lake(tmp_path_factory.mktemp("events") / "lake")
    lake.environment["CLAIMLAKE_CONFIG"] = str(lake.folder.parent / "claimlake.yml")
    events = lake.folder.parent / "events.jsonl"
    pathlib.Path(lake.environment["CLAIMLAKE_CONFIG"]).write_text(f"lineage_file: {events}\n", encoding="utf-8")
    lake.fill(dirty=0.02)
    return events


@pytest.mark.skipif(not os.path.exists(PYTHON), reason="openlineage-python is not installed")
def test_events_fit_the_published_classes(events):
    read = subprocess.run([PYTHON, READER, events], capture_output=True, text=True)
    assert read.returncode == 0, read.stderr
    seen = json.loads(read.stdout)
    assert seen["START"] == seen["COMPLETE"] + seen.get("FAIL", 0)
    for facet in ("ColumnLineageDatasetFacet", "DataQualityAssertionsDatasetFacet", "OutputStatisticsOutputDatasetFacet", "SchemaDatasetFacet", "ParentRunFacet"):
        assert seen[facet] > 0


@pytest.mark.skipif(not os.path.exists(PYTHON), reason="openlineage-python is not installed")
@pytest.mark.parametrize("broken", [
    lambda event: event.update(surplus=1),
    lambda event: event["run"].update(runId="5"),
    lambda event: event["outputs"][0]["facets"]["columnLineage"].update(fields={"a": {}}),
    lambda event: event["outputs"][0]["facets"]["schema"].update(_schemaURL="https://example.org/x"),
])
def test_the_reader_tells_what_does_not_fit(events, tmp_path, broken):
    event = next(each for each in map(json.loads, events.open()) if each["outputs"])
    broken(event)
    (tmp_path / "one.jsonl").write_text(json.dumps(event))
    read = subprocess.run([PYTHON, READER, tmp_path / "one.jsonl"], capture_output=True, text=True)
    assert read.returncode != 0
