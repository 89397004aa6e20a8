#!/usr/bin/env python3
"""Holds template.yaml to what cfn-lint does not look at: its state machine, and what the SAM translator makes of it. Prints what is wrong.

    lint.py [TEMPLATE]
"""

import json
import os
import sys
from pathlib import Path

import cfnlint
import jsonschema
from cfnlint.decode import cfn_yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform

SCHEMA = Path(cfnlint.__file__).parent / "data/schemas/other/step_functions/statemachine.json"


class NoPolicies:
    """Managed policies by name, which would be asked of AWS; the template names none."""

    def load(self):
        return {}


def machine(definition, path=""):
    """States that are named and not there, or there and never reached, in the machine and those inside it."""
    states = definition.get("States", {})
    named = {definition.get("StartAt")}
    for name, state in states.items():
        named |= {state.get("Next"), state.get("Default")} | {one.get("Next") for key in ("Catch", "Choices") for one in state.get(key, [])}
        if state.get("Type") not in ("Succeed", "Fail", "Choice") and not state.get("End") and not state.get("Next"):
            yield f"{path}/{name} has no end and nothing after it"
        for inner in [state.get("ItemProcessor")] + state.get("Branches", []):
            if inner:
                yield from machine(inner, f"{path}/{name}")
    for name in named - {None} - set(states):
        yield f"{path}/{name} is named and is not there"
    for name in set(states) - named:
        yield f"{path}/{name} is never reached"


def main():
    os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")  # the translator wants one
    path = sys.argv[1] if len(sys.argv) > 1 else str(Path(__file__).parent / "template.yaml")
    template = json.loads(json.dumps(cfn_yaml.load(path)))
    definition = template["Resources"]["JobMachine"]["Properties"]["Definition"]
    wrong = list(machine(definition))
    wrong += [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(definition)]
    try:
        made = transform(template, {}, NoPolicies())
    except InvalidDocumentException as refusal:
        print("\n".join(wrong + [cause.message for cause in refusal.causes]))
        return 1
    kinds = sorted({resource["Type"] for resource in made["Resources"].values()})
    wanted = {"AWS::Lambda::Function", "AWS::StepFunctions::StateMachine", "AWS::IAM::Role", "AWS::S3::Bucket"}
    wrong += [f"the translator makes no {kind}" for kind in wanted - set(kinds)]
    for name, resource in made["Resources"].items():
        for policy in resource.get("Properties", {}).get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
            for statement in policy["PolicyDocument"].get("Statement", []) or [{}]:
                if "Effect" not in statement:
                    wrong.append(f"{name} has a policy without an effect: {json.dumps(policy)[:200]}")
    function = template["Resources"]["TaskFunction"]["Properties"]
    if function["Timeout"] > 900:
        wrong.append("a function has 900 seconds at most")
    print("\n".join(wrong) if wrong else f"{len(made['Resources'])} resources: {', '.join(kinds)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
