"""A library of pictures and a server over it, as bench/analysers/words asks them."""
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

CLIENT = "bench"


class Library:
    """Pictures of a folder, analysed by a network, behind a server with its models."""

    def __init__(self, ridley, folder, models):
        self.ridley, self.folder, self.models = ridley, folder, models
        self.library, self.home = os.path.join(folder, "library"), os.path.join(folder, "home")
        self.environment = os.environ | {"RIDLEY_HOME": self.home, "RIDLEY_CACHE": os.path.join(folder, "cache")}
        shutil.rmtree(self.library, ignore_errors=True)
        self.server = None

    def add(self, paths, network):
        """Has pictures analysed, and gives their assets by their paths; pictures of one name are told apart by a link's."""
        links = os.path.join(self.folder, f"pictures-{network}")
        shutil.rmtree(links, ignore_errors=True)
        os.makedirs(links)
        names = {}
        for number, path in enumerate(paths):
            name = f"{number:05}{os.path.splitext(path)[1].lower()}"
            shutil.copy(path, os.path.join(links, name))
            names[name] = path
        self.run("analyze", links, "--library", self.library, "--client", CLIENT, "--model", network, "--models", self.models, "--quiet",
                 "--output", os.path.join(self.folder, f"report-{network}"))
        found, after = {}, None
        while True:
            page = json.loads(self.run("library", "list", "--library", self.library, "--client", CLIENT, "--limit", "1000", "--json",
                                       *(["--after", after] if after else [])))
            for asset in page["assets"]:
                if asset["name"] in names:
                    found[asset["asset"]] = names[asset["name"]]
            after = page.get("next")
            if not after:
                break
        missing = set(names.values()) - set(found.values())
        if missing:
            raise SystemExit(f"{len(missing)} pictures are not in the library, such as {sorted(missing)[0]}: two that are the same bytes are one asset")
        return found

    def run(self, *words):
        done = subprocess.run([self.ridley, *words], capture_output=True, text=True, env=self.environment)
        if done.returncode:
            raise SystemExit(f"ridley {' '.join(words[:2])} failed: {done.stderr.strip()[-2000:]}")
        return done.stdout

    def serve(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        log = open(os.path.join(self.folder, "serve.log"), "w")
        self.server = subprocess.Popen(
            [self.ridley, "serve", "--library", self.library, "--models", self.models, "--listen", f"127.0.0.1:{port}", "--workers", "0", "--timeout", "300s"],
            stdout=log, stderr=log, env=self.environment, cwd=self.folder)
        until = time.time() + 300
        while time.time() < until:
            try:
                return self.ask("/readyz", as_json=False)
            except (OSError, urllib.error.HTTPError):
                if self.server.poll() is not None:
                    break
                time.sleep(0.2)
        raise SystemExit(f"ridley serve did not become ready: {open(log.name).read()[-2000:]}")

    def ask(self, path, query=None, body=None, as_json=True):
        address = self.address + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(address, data=body, headers={"Content-Type": "application/octet-stream"} if body else {})
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            if as_json:
                raise SystemExit(f"{path}: {error.code} {error.read().decode()[:1000]}")
            raise
        return json.loads(content) if as_json else content

    def words(self, text, model):
        """Assets and similarities, the most alike first."""
        found = self.ask("/v1/search/words", {"client": CLIENT, "words": text, "model": model, "limit": 1000})
        return [(each["asset"], each["similarity"]) for each in found["found"]]

    def like(self, picture, model):
        found = self.ask("/v1/search/similar", {"client": CLIENT, "model": model, "limit": 1000}, body=picture)
        return [(each["asset"], each["similarity"]) for each in found["found"]]

    def end(self):
        if self.server:
            self.server.terminate()
            self.server.wait()


def manifest(models, name, files, text, network=None):
    """A folder of models' model.yaml with links to its files."""
    home = os.path.join(models, name)
    os.makedirs(home, exist_ok=True)
    for file, source in files.items():
        target = os.path.join(home, file)
        if not os.path.exists(target):
            shutil.copy(source, target)
    listed = "".join(f"  - path: {file}\n" for file in files)
    with open(os.path.join(home, "model.yaml"), "w") as out:
        out.write(f"name: {name}\nsummary: For measuring only.\nlicense: see its origin\nfiles:\n{listed}{text}")
