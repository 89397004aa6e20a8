"""What 'ridley deploy render' makes of the blueprints in deploy/sites/, held to the platforms that read it.

A folder SITE-STAGE-TARGET is what was rendered of one stage; Tests/DeployTargetsTests hold it to the program byte by byte.
"""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".deps/engines/aws"
# What stands in the environment of whoever deploys, by name.
NAMES = ["MEDIA_STORE", "MEDIA_BUS", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]


def places(target):
    return sorted((ROOT / "deploy/sites").glob(f"*-{target}"))


def objects(place, kubectl):
    """All objects of a folder, those that are applied by themselves too, and what kubectl says of it."""
    import yaml
    found, said = [], ""
    for folder in [place, *sorted(one.parent for one in place.glob("*/kustomization.yaml"))]:
        ran = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True)
        said += ran.stderr.strip()
        found += [one for one in yaml.safe_load_all(ran.stdout) if one] if ran.returncode == 0 else []
    return found, said


def kubernetes(ground, book, tools):
    """Gives the objects by folder, after kustomize made them; what else is to be said of objects the other checks say."""
    made = {}
    for place in places("kubernetes"):
        found, said = objects(place, tools / "bin/kubectl")
        book(f"kustomize renders {place.name}", found and not said, said or f"{len(found)} objects")
        made[place.name] = found
        titles = {one["metadata"].get("namespace") for one in found}
        wanted = place.name.removesuffix("-kubernetes")
        book(f"{place.name} stays in its namespace", titles == {wanted}, ", ".join(map(str, titles)))
        example = place / "secret.example.yaml"
        if example.exists():
            import yaml
            names = {one["metadata"]["name"] for one in yaml.safe_load_all(example.read_text())}
            wanted = {source["secretRef"]["name"] for one in found for container in containers(one) for source in container.get("envFrom", [])}
            book(f"{place.name} says which secrets it wants", wanted <= names, ", ".join(sorted(wanted)))
    return made


def containers(one):
    spec = one.get("spec", {})
    template = spec.get("template") or spec.get("jobTargetRef", {}).get("template") or {}
    return template.get("spec", {}).get("containers", [])


def compose(book, tools):
    """compose reads each folder, and none without what it wants."""
    for place in places("compose"):
        text = (place / "compose.yaml").read_text()
        wanted = [name for name in NAMES if "${" + name + ":?}" in text]

        def ran(environment):
            command = [tools / "bin/docker-compose", "--file", place / "compose.yaml", "--profile", "*", "config", "--format", "json"]
            return subprocess.run(command, capture_output=True, text=True, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | environment)

        whole = ran({name: "a$b" for name in wanted})
        services = json.loads(whole.stdout)["services"] if whole.returncode == 0 else {}
        book(f"compose takes {place.name}", bool(services), whole.stderr.strip()[:300] or ", ".join(services))
        open_ones = [name for name, one in services.items() if not one.get("read_only") or one.get("cap_drop") != ["ALL"] or not one.get("mem_limit")
                     or not one.get("user") or any(port.get("host_ip") != "127.0.0.1" for port in one.get("ports", []))]
        book(f"{place.name} is shut in, and has limits", bool(services) and not open_ones, ", ".join(open_ones) or "every service")
        if wanted:
            bare = ran({})
            book(f"{place.name} wants its addresses", bare.returncode != 0 and wanted[0] in bare.stderr, f"{len(wanted)} variables")


def aws(book):
    """cfn-lint, the schema of states and the SAM translator take each template, and not a broken one."""
    install()
    for place in places("aws"):
        wrong = linted(place / "template.yaml")
        book(f"CloudFormation's rules and the SAM translator take {place.name}", not wrong, wrong or "no word against it")
    text = (places("aws")[0] / "template.yaml").read_text()
    breakages = [("MemorySize: ", "MemorySizes: "), ("!Ref LibraryAccess", "!Ref LibraryExcess"), ("Next: Last", "Next: Lost"),
                 ("AttributeType: S", "AttributeType: Q"), ("Statistic: Sum", "Statistic: Some")]
    with tempfile.TemporaryDirectory() as folder:
        missed = []
        for before, after in breakages:
            broken = Path(folder) / "template.yaml"
            broken.write_text(text.replace(before, after, 1))
            if before not in text or not linted(broken):
                missed.append(after)
    book("and none that is broken on purpose", not missed, "; ".join(missed) or f"{len(breakages)} breakages noticed")


def linted(template):
    """What is wrong with a template, nothing where nothing is."""
    region = "eu-central-1"
    said = []
    for command in ([TOOLS / "bin/cfn-lint", "--regions", region, "--template", template],
                    [TOOLS / "bin/python", ROOT / "examples/aws/lint.py", template]):
        ran = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"AWS_DEFAULT_REGION": region})
        if ran.returncode != 0:
            said.append((ran.stdout + ran.stderr).strip()[-400:])
    return "; ".join(said + [f"{name} is named and is not there" for name in unknown(template.read_text())])


def unknown(text):
    """Names of a template that nothing in it has, which cfn-lint does not miss among the policies of a function."""
    there = set(re.findall(r"^  (\w+):", text, re.M))
    named = re.findall(r"!(?:Ref|GetAtt) (\w+)", text) + re.findall(r"\$\{(\w+)[}.]", text)
    return sorted(set(named) - there)


def install():
    """The packages of examples/aws, at the place where examples/check has them."""
    wanted, stamp = ROOT / "examples/aws/requirements.txt", TOOLS / "requirements.txt"
    if stamp.exists() and stamp.read_bytes() == wanted.read_bytes():
        return
    shutil.rmtree(TOOLS, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", TOOLS], check=True)
    subprocess.run([TOOLS / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:", "--no-deps",
                    "--require-hashes", "--requirement", wanted], check=True)
    shutil.copy(wanted, stamp)


def rules(ground, made):
    """The rules of pods over what was rendered: complaints, and those of objects that were broken on purpose."""
    import rules_pods
    from world import World
    world = World(ROOT, ground)
    world.overlays = made
    complaints = [f"{rule.__name__}: {one}" for rule in rules_pods.RULES for one in rule(world)]
    damaged = copy.copy(world)
    damaged.overlays = copy.deepcopy(made)
    for found in damaged.overlays.values():
        for one in found:
            for container in containers(one):
                container["securityContext"].pop("capabilities")
                container["resources"]["limits"].pop("memory")
    noticed = [rule.__name__ for rule in rules_pods.RULES if list(rule(damaged)) and not list(rule(world))]
    return complaints, noticed
