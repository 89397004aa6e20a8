"""schemathesis asks everything that /openapi.json describes, rightly and wrongly, and compares the answers with it."""
import json
import os
import subprocess
import sys
import urllib.request

import pytest
from conftest import Served, make_repository

# Random requests of each operation, beside those that its description gives; RIDLEY_EXAMPLES=20 asks for more.
EXAMPLES = os.environ.get("RIDLEY_EXAMPLES", "5")
CONFIGURATION = os.path.join(os.path.dirname(os.path.abspath(__file__)), "schemathesis.toml")


@pytest.fixture(scope="module")
def own(ridley, tmp_path_factory):
    """A server that may be asked anything."""
    folder = str(tmp_path_factory.mktemp("described"))
    make_repository(os.path.join(folder, "models"))
    found = Served(ridley, folder, "--library", os.path.join(folder, "library"))
    yield found
    assert found.stop() == 0, found.told()


def test_description_is_there(own):
    with urllib.request.urlopen(f"http://{own.address}/openapi.json") as answer:
        told = json.load(answer)
    assert told["openapi"].startswith("3.1")
    expected = ["/healthz", "/readyz", "/metrics", "/v2", "/v2/models/{name}/infer", "/v1/models", "/v1/status"]
    paths = {path.replace("{model}", "{name}").replace("{model_name}", "{name}") for path in told["paths"]}
    assert not [path for path in expected if path not in paths], sorted(paths)


def test_schemathesis(own):
    # What the description allows may still be refused: bytes of a picture that are none, a tensor of another shape.
    command = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"), "--config-file", CONFIGURATION, "run",
        f"http://{own.address}/openapi.json", "--checks", "all", "--exclude-checks", "positive_data_acceptance",
        "--max-examples", EXAMPLES, "--generation-deterministic", "--phases", "examples,coverage,fuzzing", "--no-color", "--request-timeout", "10"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=own.folder)
    assert result.returncode == 0, result.stdout[max(0, result.stdout.find(" FAILURES ")):][:8000]
    assert own.is_ready(), own.told()
