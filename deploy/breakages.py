"""One damage after the other, each with the rule that has to notice it."""

import rules_pods as pods
import rules_whole as whole


def pod(world, overlay=".", kind="Deployment", name="ridley"):
    spec = world.one(overlay, kind, name)["spec"]
    return (spec.get("template") or spec["jobTargetRef"]["template"])["spec"]


def container(world, *of):
    return pod(world, *of)["containers"][0]


def without(place, *keys):
    for key in keys[:-1]:
        place = place[key]
    del place[keys[-1]]


WORKERS = (".", "Deployment", "ridley-workers")
INDEXED = ("indexed", "Job", "ridley-job")
SCALED = ("keda", "ScaledJob", "ridley-workers")


def job(world):
    return world.one(*INDEXED)["spec"]


def scaled(world):
    return world.one(*SCALED)["spec"]


def policy(world, name="ridley-stores", overlay="."):
    return world.one(overlay, "NetworkPolicy", name)["spec"]


def service(world):
    return world.one(".", "Service", "ridley")["spec"]


def composed(world, name):
    return world.services["services"][name]


def budget(world):
    return world.one(".", "PodDisruptionBudget", "ridley")["spec"]


def postgres(world):
    return container(world, "trial", "StatefulSet", "ridley-postgres")


def redis(world):
    return container(world, "trial", "StatefulSet", "ridley-redis")


def objects(world):
    return container(world, "trial", "StatefulSet", "ridley-s3")


def bucket(world):
    return objects(world)["lifecycle"]["postStart"]


def asked(world):
    return world.one("keda", "TriggerAuthentication", "ridley-backlog")["spec"]


def spread(world):
    return pod(world)["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]


def synced(world):
    script = composed(world, "redis")["command"][2]
    composed(world, "redis")["command"][2] = script.replace("fsync always", "fsync everysec")


def internet(world):
    return policy(world, "ridley-internet", "fetch")["egress"][0]["to"][0]["ipBlock"]


def without_redis(world):
    world.overlays["trial"] = [one for one in world.overlays["trial"] if (one["kind"], one["metadata"]["name"]) != ("Service", "redis")]


PART = "app.kubernetes.io/component"


def settings(world, before, after):
    data = world.one(".", "ConfigMap", "ridley-settings")["data"]
    data["ridley.yaml"] = data["ridley.yaml"].replace(before, after)


def rule_of(world, action):
    return next(rule for rule in job(world)["podFailurePolicy"]["rules"] if rule["action"] == action)


BREAKAGES = [
    (pods.nobody, "root", lambda w: pod(w)["securityContext"].update(runAsUser=0)),
    (pods.nobody, "another user", lambda w: pod(w, *WORKERS)["securityContext"].update(runAsUser=1000)),
    (pods.nobody, "all system calls", lambda w: without(pod(w, *SCALED), "securityContext", "seccompProfile")),
    (pods.nobody, "a token", lambda w: without(pod(w, *INDEXED), "automountServiceAccountToken")),
    (pods.nobody, "the node's network", lambda w: pod(w).update(hostNetwork=True)),
    (pods.shut, "a root to write in", lambda w: without(container(w, *WORKERS), "securityContext", "readOnlyRootFilesystem")),
    (pods.shut, "more rights", lambda w: container(w)["securityContext"].update(allowPrivilegeEscalation=True)),
    (pods.shut, "capabilities", lambda w: redis(w)["securityContext"].update(capabilities={"drop": ["NET_RAW"]})),
    (pods.bounded, "no limit of memory", lambda w: without(container(w, *INDEXED), "resources", "limits", "memory")),
    (pods.bounded, "no request", lambda w: without(container(w), "resources", "requests", "cpu")),
    (pods.bounded, "a request over its limit", lambda w: container(w)["resources"]["requests"].update(memory="8Gi")),
    (pods.bounded, "a disk over its limit", lambda w: container(w)["resources"]["limits"].update({"ephemeral-storage": "1Gi"})),
    (pods.bounded, "a disk without an end", lambda w: pod(w)["volumes"][1].update(emptyDir={})),
    (pods.writable, "no /tmp", lambda w: container(w, *WORKERS)["volumeMounts"].pop()),
    (pods.writable, "a mount without a volume", lambda w: pod(w, *SCALED)["volumes"].pop(0)),
    (pods.writable, "a shell", lambda w: container(w, *INDEXED).update(command=["sh", "-c", "ridley task run"])),
    (pods.probed, "no readiness", lambda w: without(container(w), "readinessProbe")),
    (pods.probed, "no start", lambda w: without(container(w), "startupProbe")),
    (pods.probed, "a port that is not there", lambda w: container(w)["livenessProbe"]["httpGet"].update(port="web")),
    (pods.probed, "restarts while a model loads", lambda w: container(w)["livenessProbe"]["httpGet"].update(path="/readyz")),
    (pods.probed, "a route that is not there", lambda w: setattr(w, "program", w.program.replace('"/readyz"', '"/ready"'))),
    (pods.probed, "a database nobody asks", lambda w: without(postgres(w), "livenessProbe")),
    (pods.graceful, "too short an end", lambda w: pod(w).update(terminationGracePeriodSeconds=30)),
    (pods.graceful, "an end at once", lambda w: without(container(w), "lifecycle")),
    (pods.connected, "another port", lambda w: container(w)["ports"][0].update(containerPort=9090)),
    (pods.connected, "a target that has no name", lambda w: service(w)["ports"][0].update(targetPort="web")),
    (pods.connected, "settings with another port", lambda w: settings(w, ":8080", ":9090")),
    (pods.connected, "a server for itself", lambda w: settings(w, "0.0.0.0", "127.0.0.1")),
    (pods.connected, "a policy for another port", lambda w: policy(w, "ridley-callers")["ingress"][0]["ports"][0].update(port="web")),
    (pods.connected, "a policy about nobody", lambda w: policy(w, "ridley-callers")["podSelector"]["matchLabels"].update({PART: "web"})),
    (pods.connected, "an address that is no Service", without_redis),
    (pods.selected, "others' pods", lambda w: w.one(*WORKERS)["spec"]["selector"]["matchLabels"].update({PART: "server"})),
    (pods.selected, "a budget for nobody", lambda w: budget(w)["selector"]["matchLabels"].update(a="b")),
    (pods.selected, "a budget for all", lambda w: without(budget(w), "selector", "matchLabels", PART)),
    (pods.selected, "a budget that lets none go", lambda w: budget(w).update(minAvailable=2)),
    (pods.selected, "calls to workers", lambda w: without(service(w), "selector", PART)),
    (pods.selected, "a spread of others", lambda w: spread(w).update({PART: "worker"})),
    (pods.closed_off, "an open way out", lambda w: policy(w)["policyTypes"].remove("Egress")),
    (pods.closed_off, "pods under no policy", lambda w: job(w)["template"]["metadata"]["labels"].update({"app.kubernetes.io/name": "other"})),
    (pods.closed_off, "the Internet", lambda w: policy(w)["egress"][3]["to"][0]["ipBlock"].update(cidr="0.0.0.0/0")),
    (pods.closed_off, "instance data", lambda w: internet(w)["except"].remove("169.254.0.0/16")),
    (pods.closed_off, "everything", lambda w: without(policy(w)["egress"][1], "to")),
    (whole.references, "another secret", lambda w: container(w)["envFrom"][0]["secretRef"].update(name="addresses")),
    (whole.references, "a key that is not in it", lambda w: postgres(w)["env"][3]["valueFrom"]["secretKeyRef"].update(key="PASSWORD")),
    (whole.references, "another account", lambda w: pod(w, *SCALED).update(serviceAccountName="default")),
    (whole.references, "settings elsewhere", lambda w: container(w)["args"].__setitem__(2, "/etc/ridley.yaml")),
    (whole.references, "KEDA's key", lambda w: asked(w)["secretTargetRef"][0].update(key="token")),
    (whole.images, "two images", lambda w: container(w, *WORKERS).update(image="registry.example.org/vision/ridley@sha256:" + "1" * 64)),
    (whole.images, "a tag that moves", lambda w: container(w).update(image="registry.example.org/vision/ridley:latest")),
    (whole.images, "another database in compose", lambda w: composed(w, "postgres").update(image="postgres:16")),
    (whole.exits, "65 tried again", lambda w: rule_of(w, "FailIndex")["onExitCodes"].update(values=[66])),
    (whole.exits, "75 not counted", lambda w: job(w)["podFailurePolicy"]["rules"].remove(rule_of(w, "Count"))),
    (whole.exits, "a job that is not there, tried again and again", lambda w: rule_of(w, "FailJob")["onExitCodes"]["values"].remove(3)),
    (whole.exits, "a lost node counts", lambda w: job(w)["podFailurePolicy"]["rules"].pop(0)),
    (whole.exits, "a lost node after the codes", lambda w: job(w)["podFailurePolicy"]["rules"].reverse()),
    (whole.exits, "another code in the program", lambda w: setattr(w, "program", w.program.replace("case badTask = 65", "case badTask = 66"))),
    (whole.exits, "another container", lambda w: rule_of(w, "Count")["onExitCodes"].update(containerName="task")),
    (whole.exits, "attempts in the pod", lambda w: pod(w, *INDEXED).update(restartPolicy="OnFailure")),
    (whole.exits, "attempts of all together", lambda w: without(job(w), "backoffLimitPerIndex")),
    (whole.exits, "two of one index", lambda w: job(w).update(podReplacementPolicy="TerminatingOrFailed")),
    (whole.exits, "one that fails ends all", lambda w: job(w).update(maxFailedIndexes=1)),
    (whole.exits, "indexes without a share", lambda w: job(w).update(completions=63)),
    (whole.exits, "thin indexes", lambda w: job(w).update(completions=100000, maxFailedIndexes=100000)),
    (whole.keda, "another figure", lambda w: scaled(w)["triggers"][0]["metadata"].update(valueLocation="waiting")),
    (whole.keda, "what Redis shows", lambda w: scaled(w)["triggers"][0].update(type="redis-streams")),
    (whole.keda, "another namespace", lambda w: scaled(w)["triggers"][0]["metadata"].update(url="http://ridley.default.svc:8080/v1/jobs/backlog")),
    (whole.keda, "no key", lambda w: without(scaled(w)["triggers"][0], "authenticationRef")),
    (whole.keda, "taken tasks counted twice", lambda w: scaled(w)["scalingStrategy"].update(strategy="accurate")),
    (whole.keda, "changes that end Jobs", lambda w: scaled(w)["rollout"].update(strategy="default")),
    (whole.keda, "workers without an end", lambda w: container(w, *SCALED)["args"].remove("--until-idle")),
    (whole.keda, "a ScaledObject", lambda w: w.overlays["keda"].append({"kind": "ScaledObject", "metadata": {"name": "x"}})),
    (whole.keda, "workers beside it", lambda w: w.overlays["keda"].append(w.one(*WORKERS))),
    (whole.hidden, "a password in the example", lambda w: w.example[0]["stringData"].update(AWS_SECRET_ACCESS_KEY="2f8c1d")),
    (whole.hidden, "a Secret that is applied", lambda w: w.overlays["."].append(w.example[0] | {"data": {}})),
    (whole.hidden, "a password in the open", lambda w: postgres(w)["env"].append({"name": "PGPASSWORD", "value": "a"})),
    (whole.hidden, "an address in words", lambda w: container(w, *WORKERS)["args"].extend(["--store", "postgres://a:b@c/d"])),
    (whole.hidden, "a key by itself", lambda w: container(w)["env"].pop()),
    (whole.hidden, "git takes secrets", lambda w: setattr(w, "ignored", w.ignored.replace("/deploy/.env\n", ""))),
    (whole.hidden, "no addresses", lambda w: container(w, *INDEXED)["envFrom"].pop()),
    (whole.settings, "a word of our own", lambda w: settings(w, "poll:", "pol:")),
    (whole.settings, "a server that works", lambda w: settings(w, "workers: 0", "workers: 2")),
    (whole.snapshots, "another claim", lambda w: w.snapshots[0]["spec"]["source"].update(persistentVolumeClaimName="data-postgres-0")),
    (whole.snapshots, "the database alone", lambda w: w.snapshots.__delitem__(slice(0, 1))),
    (whole.together, "two workers", lambda w: composed(w, "worker")["deploy"].update(replicas=2)),
    (whole.together, "a root to write in", lambda w: without(composed(w, "server"), "read_only")),
    (whole.together, "root", lambda w: composed(w, "s3").update(user="0:0")),
    (whole.together, "no limit", lambda w: without(composed(w, "worker"), "mem_limit")),
    (whole.together, "no health check", lambda w: without(composed(w, "redis"), "healthcheck")),
    (whole.together, "an open port", lambda w: composed(w, "server")["ports"][0].update(host_ip="0.0.0.0")),
    (whole.together, "an open database", lambda w: composed(w, "postgres").update(ports=[{"host_ip": "127.0.0.1", "target": 5432}])),
    (whole.together, "a worker that waits for nobody", lambda w: without(composed(w, "worker"), "depends_on", "redis")),
    (whole.together, "a way out", lambda w: w.services["networks"]["stores"].update(internal=False)),
    (whole.together, "a second of tasks", synced),
    (whole.together, "the same in Kubernetes", lambda w: redis(w).update(command=["redis-server"])),
    (whole.scripted, "half a script", lambda w: composed(w, "bucket").update(command=["for try in 1 2; do"])),
    (whole.scripted, "half a script in a hook", lambda w: bucket(w)["exec"]["command"].__setitem__(2, "case a in")),
    (whole.together, "a filer that all may write to", lambda w: objects(w)["args"].remove("-ip.bind=127.0.0.1")),
]
