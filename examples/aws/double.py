#!/usr/bin/env python3
"""Makes the function and the state machine of template.yaml in an emulator, and prints the machine's name and the bucket's.

    double.py     AWS_ENDPOINT_URL is the emulator, RIDLEY… what the function needs
"""

import io
import json
import os
import zipfile
from pathlib import Path

import boto3
import yaml

HERE = Path(__file__).resolve().parent
PASSED = ("RIDLEY", "RIDLEY_HOME", "RIDLEY_CACHE", "RIDLEY_MODELS", "PATH")


class Loader(yaml.SafeLoader):
    """CloudFormation's own tags are read as what stands behind them."""


Loader.add_multi_constructor("!", lambda loader, _, node: loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else loader.construct_sequence(node))


def archive():
    """The function as a file, where the template has an image: the emulator runs the same program without a container."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        file.writestr(entry, (HERE / "witness.py").read_bytes())
    return made.getvalue()


def main():
    template = yaml.load((HERE / "template.yaml").read_text(), Loader)["Resources"]
    asked = template["TaskFunction"]["Properties"]
    boto3.client("s3").create_bucket(Bucket="items")
    function = boto3.client("lambda").create_function(
        FunctionName="ridley-task", Runtime="provided.al2023", Role="arn:aws:iam::000000000000:role/r", Handler="bootstrap", Code={"ZipFile": archive()},
        Timeout=asked["Timeout"], MemorySize=3008, Environment={"Variables": {name: os.environ[name] for name in PASSED if name in os.environ}})["FunctionArn"]
    definition = template["JobMachine"]["Properties"]["Definition"]
    items = definition["States"]["Items"]
    # As many as this machine has cores for.
    items["MaxConcurrency"] = items["ItemProcessor"]["States"]["Pieces"]["MaxConcurrency"] = 2
    text = json.dumps(definition).replace("${TaskFunction}", function).replace("${ItemsBucket}", "items")
    machine = boto3.client("stepfunctions").create_state_machine(name="ridley-job", definition=text, roleArn="arn:aws:iam::000000000000:role/r")
    print(json.dumps({"machine": machine["stateMachineArn"], "bucket": "items"}))


if __name__ == "__main__":
    main()
