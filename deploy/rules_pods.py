"""What has to hold of pods and of what leads to them that no schema knows.

A rule gives the complaints that it has; its first line says what is promised.
"""

import re

import yaml

from world import NOBODY, amount, decoded, fits, is_ours


# Networks that are nobody's on the Internet, and instance data of clouds.
PRIVATE = {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"}


def nobody(world):
    """Pods run as nobody, by the usual system calls, and may ask Kubernetes nothing."""
    for name, one, template in world.pods():
        spec, place = template["spec"], f"{name} {one['metadata']['name']}"
        security = spec.get("securityContext", {})
        ours = any(is_ours(container) for container in spec["containers"])
        if not security.get("runAsNonRoot") or not security.get("runAsUser") or not security.get("runAsGroup"):
            yield f"{place} does not name a user that is not root"
        if ours and security.get("runAsUser") != NOBODY:
            yield f"{place} is not the image's user"
        if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{place} has all system calls"
        if spec.get("automountServiceAccountToken") is not False or spec.get("enableServiceLinks") is not False:
            yield f"{place} is told of the cluster: its token, or its services"
        if any(spec.get(word) for word in ("hostNetwork", "hostPID", "hostIPC")):
            yield f"{place} shares what is the node's"


def shut(world):
    """Containers have a root that cannot be written, no rights and no way to get some."""
    for place, _, _, container in world.containers():
        security = container.get("securityContext", {})
        if security.get("readOnlyRootFilesystem") is not True:
            yield f"{place} may write its root"
        if security.get("allowPrivilegeEscalation") is not False or security.get("privileged") or "runAsUser" in security:
            yield f"{place} may get more rights"
        if security.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{place} keeps capabilities"


def bounded(world):
    """Containers ask for processors and memory, have limits of both, and disks that fit into their limit."""
    for place, _, template, container in world.containers():
        requests, limits = (container.get("resources", {}).get(word, {}) for word in ("requests", "limits"))
        for what in ("cpu", "memory"):
            if what not in requests or what not in limits:
                yield f"{place} has no request or no limit of {what}"
            elif amount(requests[what]) > amount(limits[what]):
                yield f"{place} asks for more {what} than it may have"
        if not is_ours(container):
            continue
        volumes = [one["emptyDir"] for one in template["spec"]["volumes"] if "emptyDir" in one]
        if not all("sizeLimit" in one for one in volumes):
            yield f"{place} has a volume without an end"
        elif sum(amount(one["sizeLimit"]) for one in volumes if one.get("medium") != "Memory") > amount(limits.get("ephemeral-storage", 0)):
            yield f"{place} has a disk that is larger than its limit of ephemeral-storage"


def writable(world):
    """Ridley's containers have /data and /tmp to write in, and no shell is asked for."""
    for place, one, template, container in world.containers():
        if not is_ours(container):
            continue
        mounts = {one["mountPath"]: one["name"] for one in container.get("volumeMounts", [])}
        names = {volume["name"] for volume in template["spec"].get("volumes", [])}
        names |= {claim["metadata"]["name"] for claim in one["spec"].get("volumeClaimTemplates", [])}
        if not {"/data", "/tmp"} <= set(mounts) or not set(mounts.values()) <= names:
            yield f"{place} lacks a volume"
        hooks = [container.get(word, {}).get("exec") for word in ("startupProbe", "livenessProbe", "readinessProbe")]
        hooks += [hook.get("exec") for hook in container.get("lifecycle", {}).values()]
        if "command" in container or any(hooks):
            yield f"{place} wants a program that the image has not"


def probed(world):
    """What listens is asked whether it lives and is ready, at routes that there are; the server whether it started."""
    routes = set(re.findall(r'\.get, "(/[a-z]+)"', world.program))
    for place, one, _, container in world.containers():
        if not container.get("ports"):
            continue
        wanted = ["readinessProbe", "livenessProbe"] + ["startupProbe"] * is_ours(container)
        for word in wanted:
            probe = container.get(word)
            if not probe:
                yield f"{place} has no {word}"
                continue
            port = (probe.get("httpGet") or probe.get("tcpSocket") or {}).get("port")
            if port and port not in {port["name"] for port in container["ports"]}:
                yield f"{place}: {word} asks at {port}, which is no port of it"
            path = probe.get("httpGet", {}).get("path")
            right = "/healthz" if word == "livenessProbe" else "/readyz"
            if is_ours(container) and (path != right or path not in routes):
                yield f"{place}: {word} asks {path}, not {right}"


def graceful(world):
    """A server that ends has time for what it accepted, and for proxies to notice."""
    stated = re.search(r"within (\d+) seconds", (world.root / "docs/serving.md").read_text())
    drain = int(stated[1]) if stated else 30
    for place, _, template, container in world.containers():
        if not is_ours(container) or not container.get("ports"):
            continue
        pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        if not pause:
            yield f"{place} stops at once, while proxies still send to it"
        if template["spec"].get("terminationGracePeriodSeconds", 30) < pause + drain:
            yield f"{place} has less than {pause} + {drain} s to end"


def connected(world):
    """Services lead to ports of pods, with the same port in settings, addresses and policies."""
    for name, service in world.find("Service"):
        pods = [one for one in world.pods(name) if fits(service["spec"]["selector"], one[2]["metadata"]["labels"])]
        ports = {port["name"]: port["containerPort"] for _, _, pod in pods for one in pod["spec"]["containers"] for port in one.get("ports", [])}
        for port in service["spec"]["ports"]:
            if ports.get(port["targetPort"]) != port["port"]:
                yield f"{name}: Service {service['metadata']['name']} has {port['port']}, its pods {ports or 'none'}"
    for name, one in world.find("ConfigMap"):
        listen = yaml.safe_load(one["data"]["ridley.yaml"])["listen"]
        ports = {service["spec"]["ports"][0]["port"] for at, service in world.find("Service", name) if service["metadata"]["name"] == "ridley"}
        if ports != {int(listen.rsplit(":", 1)[1])} or listen.startswith("127."):
            yield f"{name}: the server listens at {listen}, and is asked at {ports}"
    for name, secret in world.find("Secret", "trial"):
        hosts = {service["metadata"]["name"] for _, service in world.find("Service", name)}
        for key, value in decoded(secret).items():
            host = re.search(r"^(?:postgres|redis|http)://(?:[^@/]*@)?([a-z0-9.-]+)", value)
            if host and host[1] not in hosts:
                yield f"{name}: {key} leads to {host[1]}, which is no Service"
    yield from policies(world)


def policies(world):
    for name, policy in world.find("NetworkPolicy"):
        spec = policy["spec"]
        others = name if name != "fetch" else "."
        own = [pod for _, _, pod in world.pods(others) if fits(spec["podSelector"], pod["metadata"]["labels"])]
        if not own and any(True for _ in world.pods(others)):
            yield f"{name}: {policy['metadata']['name']} is about no pod"
        for rule in spec.get("ingress", []) + spec.get("egress", []):
            peers = [peer["podSelector"] for peer in rule.get("to", []) if "namespaceSelector" not in peer and "podSelector" in peer]
            pods = [pod for _, _, pod in world.pods(name) if any(fits(one, pod["metadata"]["labels"]) for one in peers)] if peers else own
            names = {port["name"] for pod in pods for one in pod["spec"]["containers"] for port in one.get("ports", [])}
            for port in rule.get("ports", []):
                if isinstance(port["port"], str) and port["port"] not in names:
                    yield f"{name}: {policy['metadata']['name']} opens port {port['port']}, which nobody has"


def selected(world):
    """Selectors select: each workload its own pods, each budget and Service one workload, and a budget lets one pod go."""
    for name, one, template in world.pods():
        if "selector" in one["spec"] and not fits(one["spec"]["selector"], template["metadata"]["labels"]):
            yield f"{name}: {one['metadata']['name']} does not select its own pods"
        for spread in template["spec"].get("topologySpreadConstraints", []):
            if not fits(spread["labelSelector"], template["metadata"]["labels"]):
                yield f"{name}: {one['metadata']['name']} is spread by other pods"
    for kind in ("PodDisruptionBudget", "Service"):
        for name, one in world.find(kind):
            owners = [(owner, pod) for _, owner, pod in world.pods(name) if fits(one["spec"]["selector"], pod["metadata"]["labels"])]
            if len(owners) != 1:
                yield f"{name}: {kind} {one['metadata']['name']} selects {len(owners)} workloads"
            elif kind == "PodDisruptionBudget" and one["spec"]["minAvailable"] >= owners[0][0]["spec"].get("replicas", 1):
                yield f"{name}: {one['metadata']['name']} lets no pod go"


def closed_off(world):
    """Every pod's traffic is closed both ways but for what is named; the Internet is open in 'fetch' alone, without private networks."""
    for name, one, template in world.pods():
        if name in ("indexed", "key"):
            continue  # stand beside the policies of another overlay, which select by the same label
        specs = [policy["spec"] for _, policy in world.find("NetworkPolicy", name)]
        about = [spec for spec in specs if fits(spec["podSelector"], template["metadata"]["labels"])]
        for way in ("Ingress", "Egress"):
            if not any(way in policy["policyTypes"] for policy in about):
                yield f"{name}: {one['metadata']['name']} is open: {way}"
    for name in ("indexed", "key"):
        for _, one, template in world.pods(name):
            store = world.one(".", "NetworkPolicy", "ridley-stores")["spec"]
            if not fits(store["podSelector"], template["metadata"]["labels"]) or set(store["policyTypes"]) != {"Ingress", "Egress"}:
                yield f"{name}: {one['metadata']['name']} is under no policy"
    for name, policy in world.find("NetworkPolicy"):
        for rule in policy["spec"].get("egress", []):
            for block in [peer["ipBlock"] for peer in rule.get("to", []) if "ipBlock" in peer]:
                wide = int(block["cidr"].split("/")[1]) < 16
                if wide and (name != "fetch" or not PRIVATE <= set(block.get("except", []))):
                    yield f"{name}: {policy['metadata']['name']} opens {block['cidr']}"
            if not rule.get("to"):
                yield f"{name}: {policy['metadata']['name']} opens everything"


RULES = [nobody, shut, bounded, writable, probed, graceful, connected, selected, closed_off]
