"""What has to hold of several objects together, and of the program behind them; see rules_pods.py."""

import re
import subprocess

import yaml

from world import decoded, is_ours

# The two ends of 'ridley task run' that a Job tells apart.
NEVER, AGAIN = "badTask", "tryAgain"
# Ends that are not about the task: whoever started the Job has to look.
HOPELESS = ("usage", "notFound", "denied")


def references(world):
    """What is referred to is there: accounts, settings, secrets and their keys, volumes."""
    example = {one["metadata"]["name"]: set(one["stringData"]) for one in world.example}
    for name, one, template in world.pods():
        place, spec = f"{name} {one['metadata']['name']}", template["spec"]
        beside = "." if name in ("indexed", "key") else name
        secrets = example | {secret["metadata"]["name"]: set(decoded(secret)) for _, secret in world.find("Secret", name)}
        maps = {found["metadata"]["name"]: set(found["data"]) for _, found in world.find("ConfigMap", name)}
        account = spec.get("serviceAccountName")
        if account and account not in {found["metadata"]["name"] for _, found in world.find("ServiceAccount", beside)}:
            yield f"{place} has an account {account} that is not there"
        for container in spec["containers"]:
            for source in container.get("envFrom", []):
                if source["secretRef"]["name"] not in secrets:
                    yield f"{place} wants the secret {source['secretRef']['name']}"
            for variable in container.get("env", []):
                wanted = variable.get("valueFrom", {}).get("secretKeyRef")
                if wanted and wanted["key"] not in secrets.get(wanted["name"], set()):
                    yield f"{place} wants {wanted['key']} of the secret {wanted['name']}"
            files = {f"{mount['mountPath']}/{file}" for mount in container.get("volumeMounts", []) for volume in spec.get("volumes", [])
                     if volume["name"] == mount["name"] for file in maps.get(volume.get("configMap", {}).get("name"), set())}
            args = container.get("args", [])
            for word, path in zip(args, args[1:]):
                if word == "--config" and path not in files:
                    yield f"{place} reads {path}, and has {files or 'no settings'}"
    for name, one in world.find("TriggerAuthentication"):
        for wanted in one["spec"]["secretTargetRef"]:
            if wanted["key"] not in example.get(wanted["name"], set()):
                yield f"{name} {one['metadata']['name']} wants {wanted['key']} of the secret {wanted['name']}"


def images(world):
    """All of ridley's pods run one image, named by digest; nothing runs 'latest'; compose runs the same services."""
    ours, others = {}, {}
    for place, _, _, container in world.containers():
        overlay = place.split()[0]
        if overlay == "fetch":
            continue
        if is_ours(container):
            ours.setdefault(overlay, set()).add(container["image"])
        else:
            others[container["name"]] = container["image"]
        if container["image"].endswith(":latest") or not re.search(r"[:@]", container["image"].split("/")[-1]):
            yield f"{place} runs {container['image']}"
    real = {image for overlay, found in ours.items() if overlay != "trial" for image in found}
    if len(real) != 1 or "@sha256:" not in next(iter(real)) or len(ours.get("trial", set())) != 1:
        yield f"several images: {real | ours.get('trial', set())}"
    for name, image in others.items():
        if world.services["services"].get(name, {}).get("image") != image:
            yield f"compose runs another image for {name} than {image}"


def exits(world):
    """Exit codes of 'task run' are told to Jobs, a lost node counts as nothing, and there are as many shares as indexes."""
    codes = dict(re.findall(r"case (\w+) = (\d+)", world.program))
    indexed = [one for _, one in world.find("Job") if one["spec"].get("completionMode") == "Indexed"]
    if not indexed:
        yield "there is no Indexed Job"
    for job in indexed:
        spec, pod = job["spec"], job["spec"]["template"]["spec"]
        policy = spec.get("podFailurePolicy", {}).get("rules", [])
        gone = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
        if policy[:1] != [gone]:
            yield "a node that goes is not looked at first, so it counts as the task's fault"
        coded = [rule for rule in policy if "onExitCodes" in rule]
        for action, ends in (("FailIndex", [NEVER]), ("Count", [AGAIN]), ("FailJob", HOPELESS)):
            found = [rule["onExitCodes"]["values"] for rule in coded if rule["action"] == action]
            wanted = [int(codes[word]) for word in ends]
            if found != [wanted]:
                yield f"{action} is for {found}, and the program's codes are {wanted}"
        if any(rule["onExitCodes"]["containerName"] not in {one["name"] for one in pod["containers"]} for rule in coded):
            yield "a rule names a container that is not there"
        if pod["restartPolicy"] != "Never" or "backoffLimitPerIndex" not in spec or "backoffLimit" in spec:
            yield "attempts are not counted by index"
        if spec.get("podReplacementPolicy") != "Failed":
            yield "an index is begun again while it still ends"
        if spec.get("maxFailedIndexes", 0) < spec["completions"]:
            yield "items that can never be done end the others"
        shares = re.findall(r"\$\(JOB_COMPLETION_INDEX\)/(\d+)", " ".join(pod["containers"][0]["args"]))
        if shares != [str(spec["completions"])]:
            yield f"shares of {shares}, and {spec['completions']} indexes"
        if not spec["parallelism"] <= spec["completions"] <= 1000:
            yield f"{spec['completions']} indexes, {spec['parallelism']} at once: few and fat ones are meant"


def keda(world):
    """KEDA starts Jobs by Ridley's own figure, asked with a key where the server is, and ends none that works."""
    for name, objects in world.overlays.items():
        if any(one["kind"] == "ScaledObject" for one in objects):
            yield f"{name} has a ScaledObject, which ends pods that work"
    found = list(world.find("ScaledJob", "keda"))
    if not found:
        yield "there is no ScaledJob"
    for _, one in found:
        spec, trigger = one["spec"], one["spec"]["triggers"][0]
        service = world.one("keda", "Service", "ridley")
        wanted = f"http://ridley.{service['metadata']['namespace']}.svc:{service['spec']['ports'][0]['port']}/v1/jobs/backlog"
        if trigger["type"] != "metrics-api" or trigger["metadata"]["url"] != wanted or trigger["metadata"]["valueLocation"] != "backlog":
            yield f"it asks {trigger['metadata'].get('url')} for {trigger['metadata'].get('valueLocation')}, not {wanted} for backlog"
        keys = {found["metadata"]["name"]: {key["parameter"] for key in found["spec"]["secretTargetRef"]}
                for _, found in world.find("TriggerAuthentication", "keda")}
        if trigger["metadata"].get("authMode") != "bearer" or "token" not in keys.get(trigger.get("authenticationRef", {}).get("name"), set()):
            yield "it asks without a key"
        if spec["scalingStrategy"]["strategy"] != "default" or spec["rollout"]["strategy"] != "gradual" or spec["minReplicaCount"] != 0:
            yield "it counts taken tasks twice, or ends Jobs when it is changed"
        template = spec["jobTargetRef"]["template"]["spec"]
        if "--until-idle" not in template["containers"][0]["args"] or template["restartPolicy"] != "Never":
            yield "its workers never end"
    if any(one["kind"] == "Deployment" and one["metadata"]["name"] != "ridley" for one in world.overlays["keda"]):
        yield "there are workers beside it that are always there"


def hidden(world):
    """No secret stands in a file or in words of a command: placeholders say REPLACE, addresses come by environment from a Secret."""
    for one in world.example:
        for key, value in one["stringData"].items():
            if "REPLACE" not in value:
                yield f"secret.example.yaml: {key} looks real"
    for name, _ in [(name, one) for name, one in world.find("Secret") if name != "trial"]:
        yield f"{name} has a Secret, which would be written over the real one"
    for place, _, _, container in world.containers():
        for variable in container.get("env", []):
            if re.search("PASSWORD|SECRET|TOKEN|KEY$|STORE|BUS", variable["name"]) and variable.get("value") not in (None, "0"):
                yield f"{place} has {variable['name']} in the open"
        if is_ours(container):
            if not any(source["secretRef"]["name"] == "ridley-addresses" for source in container.get("envFrom", [])):
                yield f"{place} does not know the addresses"
            if any("://" in word for word in container.get("args", [])):
                yield f"{place} has an address in its words"
            if {"serve"} & set(container["args"]) and {"name": "RIDLEY_FIRST_KEY", "value": "0"} not in container.get("env", []):
                yield f"{place} makes a key by itself, in its log"
    for path in ("/deploy/.env", "/deploy/kubernetes/secret.yaml", "/deploy/kubernetes/trial/addresses.env"):
        if path not in world.ignored.splitlines():
            yield f"git would take {path}"


def settings(world):
    """Settings are words that the server knows."""
    keys = re.search(r"case listen, models.*?\n  \}", world.program, re.S)[0]
    known = set(re.findall(r'"([a-z-]+)"', keys)) | {word for case in re.findall(r"case ([a-zA-Z, \n]+)", keys) for word in re.split(r"[,\s]+", case)}
    for name, one in world.find("ConfigMap"):
        for key in yaml.safe_load(one["data"]["ridley.yaml"]):
            if key not in known:
                yield f"{name}: the server has no setting {key}"
        if yaml.safe_load(one["data"]["ridley.yaml"]).get("workers") != 0:
            yield f"{name}: the server works on tasks too"


def snapshots(world):
    """Snapshots are of claims that there are, one of the database and one of the objects."""
    claims = {f"{template['metadata']['name']}-{one['metadata']['name']}-0"
              for _, one in world.find("StatefulSet") for template in one["spec"]["volumeClaimTemplates"]}
    named = [one["spec"]["source"]["persistentVolumeClaimName"] for one in world.snapshots]
    for one in named:
        if one not in claims:
            yield f"there is no claim {one}"
    if not any("postgres" in one for one in named) or not any("s3" in one for one in named):
        yield "the database or the objects are not in it"


def together(world):
    """The cluster of compose: three workers, health checks, limits, nobody, no way in or out but the server's, and Redis syncs."""
    services = world.services.get("services", {})
    if services.get("worker", {}).get("deploy", {}).get("replicas") != 3:
        yield "there are not three workers"
    for name, one in services.items():
        if not one.get("read_only") or one.get("cap_drop") != ["ALL"] or one.get("security_opt") != ["no-new-privileges:true"]:
            yield f"{name} is not shut in"
        if not one.get("user") or one["user"].startswith("0"):
            yield f"{name} is root"
        if not one.get("mem_limit") or not one.get("cpus"):
            yield f"{name} has no limits"
        if name in ("server", "postgres", "redis", "s3") and not one.get("healthcheck", {}).get("test"):
            yield f"{name} has no health check"
        if any(port.get("host_ip") != "127.0.0.1" for port in one.get("ports", [])) or (one.get("ports") and name != "server"):
            yield f"{name} is open to others"
        if any("://" in word for word in one.get("command") or []) and name in ("server", "worker", "key"):
            yield f"{name} has an address in its words"
        if name not in ("server", "bucket") and set(one.get("networks", {})) != {"stores"}:
            yield f"{name} is in {set(one.get('networks', {}))}"
        needed = set(one.get("depends_on", {}))
        if name in ("server", "worker", "key") and needed != {"postgres", "redis", "bucket"}:
            yield f"{name} waits for {needed}"
    if not world.services.get("networks", {}).get("stores", {}).get("internal"):
        yield "the services are in a network that leads out"
    pods = {container["name"]: container for _, _, _, container in world.containers("trial")}
    for place, command in (("compose", services.get("redis", {}).get("command", [])), ("trial", pods["redis"]["command"])):
        if not all(word in " ".join(command) for word in ("appendonly yes", "appendfsync always", "noeviction", "requirepass")):
            yield f"{place}: Redis may lose or throw away what it acknowledged"
    said = pods["s3"]["args"]
    if not {"-s3.ip.bind=0.0.0.0", "-ip.bind=127.0.0.1"} <= set(said) or services.get("s3", {}).get("command") != said:
        yield "the S3 service lets others in without a signature, or not at all"


def scripted(world):
    """What shells are given is a script."""
    said = []
    for place, _, _, container in world.containers():
        hooks = [one["exec"]["command"] for one in container.get("lifecycle", {}).values() if "exec" in one]
        said += [(place, one) for one in [container.get("command", []), *hooks]]
    for name, one in world.services.get("services", {}).items():
        said.append((f"compose {name}", (one.get("entrypoint") or []) + (one.get("command") or [])))
    for place, command in said:
        if command[:2] == ["sh", "-c"]:
            ran = subprocess.run(["sh", "-n"], input=command[2].replace("$$", "$"), capture_output=True, text=True)
            if ran.returncode != 0:
                yield f"{place}: {ran.stderr.strip()}"


def words(world, program):
    """Complaints about options that the program does not know, and how many were looked at."""
    faults, seen = [], 0
    if '"/v1/jobs/backlog"' not in world.program:
        faults.append("KEDA asks /v1/jobs/backlog, which is no route")
    calls = [(place, container["args"]) for place, _, _, container in world.containers() if is_ours(container)]
    calls += [(f"compose {name}", one["command"]) for name, one in world.services.get("services", {}).items() if one["image"].startswith("ridley")]
    for place, args in calls:
        command = []
        for word in args[:2]:
            if re.fullmatch(r"[a-z]+", word):
                command.append(word)
        told = subprocess.run([program, "help", *command], capture_output=True, text=True)
        if told.returncode != 0:
            faults.append(f"{place}: there is no 'ridley {' '.join(command)}'")
            continue
        for option in [word for word in args if word.startswith("--")]:
            seen += 1
            if not re.search(rf"^\s+{option}\b", told.stdout, re.M):
                faults.append(f"{place}: 'ridley {' '.join(command)}' has no {option}")
    return list(dict.fromkeys(faults)), seen


RULES = [references, images, exits, keda, hidden, settings, snapshots, together, scripted]
