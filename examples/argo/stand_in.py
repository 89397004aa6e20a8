#!/usr/bin/env python3
"""Plays Argo for examples/check: reads what this template uses, runs shares as processes, two at a time, and tries again what the template says.

    stand_in.py JOB SHARES     RIDLEY is the program, RIDLEY_HOME has the library

It is no Argo: it knows one step with a sequence, one container, and an expression that is a list of exit codes.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml
from hera.workflows.models import WorkflowTemplate

TEMPLATE = Path(__file__).parent / "workflow-template.yaml"


def lost(given, kept, path=""):
    """Words of the template that Argo's own model does not know: it leaves them out."""
    if isinstance(given, dict):
        for name, value in given.items():
            if not isinstance(kept, dict) or name not in kept:
                yield f"{path}.{name}"
            else:
                yield from lost(value, kept[name], f"{path}.{name}")
    elif isinstance(given, list):
        for number, value in enumerate(given):
            yield from lost(value, kept[number] if isinstance(kept, list) and number < len(kept) else None, f"{path}[{number}]")


def read():
    given = yaml.safe_load(TEMPLATE.read_text())
    kept = WorkflowTemplate.model_validate(given).model_dump(by_alias=True, exclude_none=True)
    if unknown := list(lost(given, kept)):
        sys.exit(f"Argo does not know: {', '.join(unknown)}")
    return given["spec"]


def fill(text, values):
    filled = re.sub(r"{{([^}]+)}}", lambda found: values[found[1]], text)
    return filled


def share(template, values):
    retry = template["retryStrategy"]
    refused = re.fullmatch(r"!\(lastRetry\.exitCode in \[([^]]*)\]\)", retry["expression"])[1].replace("'", "").replace(" ", "").split(",")
    words = [fill(word, values) for word in template["container"]["args"]]
    # The library is in RIDLEY_HOME here.
    words = words[: words.index("--library")]
    for _ in range(int(retry["limit"]) + 1):
        code = subprocess.run([os.environ["RIDLEY"], *words], stdin=subprocess.DEVNULL).returncode
        if code == 0 or str(code) in refused:
            return code
    return code


def main(job, shares):
    spec = read()
    templates = {template["name"]: template for template in spec["templates"]}
    step = templates[spec["entrypoint"]]["steps"][0][0]
    workflow = {"workflow.parameters.job": job, "workflow.parameters.shares": shares}
    count = int(fill(step["withSequence"]["count"], workflow))
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda item: share(templates[step["template"]], {**workflow, "inputs.parameters.share": str(item)}), range(count)))
    print(f"shares ended with {codes}")
    # A workflow with a share that failed is Failed, and has done the others all the same.
    sys.exit(0 if set(codes) <= {0, 65} else 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
