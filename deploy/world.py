"""The objects in deploy/ as the rules see them."""

import base64
import copy
import re

NOBODY = 65534


class World:
    """All objects by overlay, and what else they are held against."""

    def __init__(self, root, ground):
        self.root = root
        self.overlays, self.example, self.snapshots = ground.overlays, ground.example, ground.snapshots
        self.services = ground.services
        self.ignored = (root / ".gitignore").read_text()
        sources = [path for folder in ("Gateway", "ridley") for path in sorted((root / "Sources" / folder).rglob("*.swift"))]
        self.program = "\n".join(path.read_text() for path in sources)

    def copy(self):
        made = copy.copy(self)
        for name in ("overlays", "example", "snapshots", "services"):
            setattr(made, name, copy.deepcopy(getattr(self, name)))
        return made

    def find(self, kind, overlay=None):
        for name, objects in self.overlays.items():
            for one in objects if overlay in (None, name) else []:
                if one["kind"] == kind:
                    yield name, one

    def one(self, overlay, kind, name):
        """For breakages: the object itself."""
        return next(one for one in self.overlays[overlay] if one["kind"] == kind and re.sub(r"-[0-9a-z]{10}$", "", one["metadata"]["name"]) == name)

    def pods(self, overlay=None):
        """Name of the overlay, the object, and the template of its pods."""
        for name, objects in self.overlays.items():
            for one in objects if overlay in (None, name) else []:
                spec = one.get("spec", {})
                template = spec.get("template") or spec.get("jobTargetRef", {}).get("template")
                if template:
                    yield name, one, template

    def containers(self, overlay=None):
        for name, one, template in self.pods(overlay):
            for kind in ("initContainers", "containers"):
                for container in template["spec"].get(kind, []):
                    yield f"{name} {one['kind']} {one['metadata']['name']}/{container['name']}", one, template, container


def is_ours(container):
    return container["image"].split(":")[0].split("@")[0].split("/")[-1] == "ridley"


def fits(selector, labels):
    """Whether a selector without expressions fits; an empty one fits all."""
    return all(labels.get(key) == value for key, value in (selector or {}).get("matchLabels", selector or {}).items())


def amount(text):
    """Kubernetes' quantities as numbers."""
    number, unit = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", str(text)).groups()
    return float(number) * {"": 1, "m": 1e-3, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 1e3, "M": 1e6, "G": 1e9}[unit]


def decoded(secret):
    return {key: base64.b64decode(value).decode() for key, value in secret.get("data", {}).items()} | secret.get("stringData", {})
