"""A container engine of its own for packaging/check-image: podman with storage in a folder that goes afterwards."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

# What docs/deploying.md recommends, and a little less than most would give.
STRICT = ["--read-only", "--cap-drop=all", "--security-opt=no-new-privileges"]


def missing():
    """Why there are no containers here; None where there are."""
    tools = [name for name in ("podman", "runc", "buildah", "skopeo", "docker-registry") if not shutil.which(name)]
    if tools:
        return f"{', '.join(tools)} missing: ./bootstrap --packaging installs them"
    if os.geteuid() != 0:
        return "only root may make the namespaces that it needs"
    return None


class Engine:
    def __init__(self, image="ridley"):
        self.image = image
        self.folder = Path(tempfile.mkdtemp(prefix="ridley-check-", dir="/var/tmp"))
        os.chmod(self.folder, 0o755)
        self.started = []
        self.runtime, self.groups = "runc", []

    def load(self, archive):
        """Loads an image and finds out what runs it here: runtimes differ in the control groups that they can do without."""
        told = self("load", "--input", archive).stdout.strip().splitlines()
        for self.runtime, self.groups in (("runc", []), ("crun", []), ("crun", ["--cgroups=disabled"])):
            ran = self.run("version", check=False)
            if ran.returncode == 0:
                return told
        raise AssertionError(f"no container starts here: {ran.stderr.strip()}")

    def close(self):
        for name in self.started:
            self("rm", "--force", "--time", "0", name, check=False)
        self("volume", "rm", "--all", "--force", check=False)
        self("image", "umount", "--all", check=False)
        subprocess.run(["umount", "-R", self.folder / "graph"], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __call__(self, *words, check=True, **more):
        place = ["--root", self.folder / "graph", "--runroot", self.folder / "run", "--storage-driver", "vfs"]
        # Without systemd: a build machine may itself be a container.
        way = ["--cgroup-manager", "cgroupfs", "--runtime", self.runtime, "--events-backend", "file", "--log-level", "panic"]
        ran = subprocess.run(["podman", *place, *way, *words], capture_output=True, text=True, **more)
        if check and ran.returncode != 0:
            raise AssertionError(f"podman {' '.join(map(str, words[:2]))}: {(ran.stderr or ran.stdout).strip()}")
        return ran

    def run(self, *words, options=(), check=True, network="none", **more):
        """Runs ridley with these words to its end, closed in as far as it goes."""
        return self("run", "--rm", f"--network={network}", *self.usual(), *options, self.image, *words, check=check, **more)

    def serve(self, name, *words, options=()):
        """Starts a server and gives its address, which leads into the container's network from outside."""
        port = free_port()
        self("run", "--detach", "--name", name, "--publish", f"127.0.0.1:{port}:8080", *self.usual(), *options, self.image, *words)
        self.started.append(name)
        return f"http://127.0.0.1:{port}"

    def usual(self):
        # Some machines do not let limits be raised, which is what podman tries.
        return [*STRICT, *self.groups, "--ulimit=nofile=4096:4096", "--ulimit=nproc=8192:8192"]

    def log(self, name):
        told = self("logs", name)
        return told.stdout + told.stderr

    def process(self, name):
        return int(self("inspect", "--format", "{{.State.Pid}}", name).stdout)

    def mount(self):
        """The image's files as a folder of this machine."""
        return Path(self("image", "mount", self.image).stdout.strip())


def ask(address, key=None, body=None, kind="image/png", seconds=60):
    """Status and body of an answer."""
    headers = {"Content-Type": kind} | ({"Authorization": f"Bearer {key}"} if key else {})
    request = urllib.request.Request(address, body, headers)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=seconds) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def wait_for(address, seconds=60):
    """Waits until a server answers there."""
    end = time.monotonic() + seconds
    while True:
        try:
            if ask(address, seconds=2)[0] == 200:
                return
        except OSError:
            pass
        if time.monotonic() > end:
            raise AssertionError(f"{address} does not answer 200 within {seconds} s")
        time.sleep(0.1)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Registry:
    """Debian's docker-registry on a free port of this machine."""

    def __init__(self, folder):
        self.port = free_port()
        self.place = f"127.0.0.1:{self.port}/check"
        settings = {
            "version": 0.1, "log": {"level": "error"}, "storage": {"filesystem": {"rootdirectory": str(folder / "registry")}},
            "http": {"addr": f"127.0.0.1:{self.port}"},
        }
        (folder / "registry.yaml").write_text(json.dumps(settings))
        command = ["docker-registry", "serve", str(folder / "registry.yaml")]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(f"http://127.0.0.1:{self.port}/v2/")

    def close(self):
        self.process.terminate()
        self.process.wait()
