#!/usr/bin/env python3
"""Hands the open items of a job to the state machine, and waits for it: all of them at first, after 'ridley job retry' those that failed.

    start.py JOB --machine ARN --bucket NAME

Needs boto3, ridley_task.py in PYTHONPATH, and an environment in which 'ridley job show' finds the library.
"""

import argparse
import json
import sys
import time
import uuid

import boto3

import ridley_task


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job")
    parser.add_argument("--machine", required=True)
    parser.add_argument("--bucket", required=True)
    asked = parser.parse_args()
    items = ridley_task.all_open_items(asked.job)
    if not items:
        sys.exit("the job has no open items: 'ridley job retry' opens those that failed")
    # A name of its own for each start: Step Functions keeps a name for 90 days, also of what has ended.
    name = f"{asked.job}-{uuid.uuid4().hex[:12]}"
    key = f"items/{name}.json"
    boto3.client("s3").put_object(Bucket=asked.bucket, Key=key, Body=json.dumps([{"job": asked.job, "item": item} for item in items]).encode())
    states = boto3.client("stepfunctions")
    execution = states.start_execution(stateMachineArn=asked.machine, name=name, input=json.dumps({"bucket": asked.bucket, "key": key}))["executionArn"]
    while (shown := states.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(2)
    for run in states.list_map_runs(executionArn=execution)["mapRuns"]:
        counts = states.describe_map_run(mapRunArn=run["mapRunArn"])["itemCounts"]
        print(f"{counts['succeeded']} of {counts['total']} items ended, {counts['failed']} did not: 'ridley job show {asked.job}' says what became of them")
    if shown["status"] != "SUCCEEDED":
        sys.exit(f"the execution is {shown['status']}: {shown.get('error')}: {shown.get('cause')}")


if __name__ == "__main__":
    main()
