"""Step Functions and Lambda in an emulator, for examples/check, and the function in Amazon's own emulator: its process is killed in the middle of a task.

Before, the template is held against cfn-lint and lint.py; afterwards the program is asked by Amazon's own emulator of the runtime interface.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.request

from contest import Broken, Engine, free_port, wait_for_port

# Each is broken on purpose, and must be noticed; what none of the tools notices is said in README.md.
BREAKAGES = {
    "a state that is not there": ("Next: Pieces", "Next: Pices"),
    "a state without its kind": ("Type: Task", "Type: Tusk"),
    "a word that states do not have": ("ItemsPath:", "ItemPath:"),
    "a resource that is not there": ("!GetAtt TaskFunction.Arn", "!GetAtt TaskFuncton.Arn"),
    "a property that is not there": ("EphemeralStorage:", "EphemeralStorge:"),
    "a policy that is not there": ("LambdaInvokePolicy", "LambdaInvokPolicy"),
    "more time than Lambda has": ("Timeout: 900", "Timeout: 1900"),
}


def invoke(port, **event):
    """What a function answers that the runtime interface emulator hands an event."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations", data=json.dumps(event).encode())
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.load(answer)


class AWS(Engine):
    name, victims = "aws", ("function", "function")

    def lint(self, path):
        """What is wrong with a template."""
        for words in (["bin/cfn-lint", "--regions", "eu-central-1", "--", path], ["bin/python", self.folder / "lint.py", path]):
            done = subprocess.run([self.tools / words[0], *words[1:]], capture_output=True, text=True)
            if done.returncode != 0:
                return done.stdout + done.stderr
        return ""

    def before(self):
        template = self.folder / "template.yaml"
        if found := self.lint(template):
            raise Broken(f"the template is wrong: {found}")
        text, broken = template.read_text(), self.tools / "broken.yaml"
        for what, (true, false) in BREAKAGES.items():
            broken.write_text(text.replace(true, false))
            if true not in text or not self.lint(broken):
                raise Broken(f"nothing notices {what}")

    def up(self):
        port = free_port()
        self.environment.update(AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1")
        self.launch("emulator", self.tools / "bin/ministack", environment=dict(self.environment, BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0", GATEWAY_PORT=str(port), LAMBDA_EXECUTOR="local", TMPDIR=str(self.home)))
        wait_for_port(port)
        made = subprocess.run([self.tools / "bin/python", self.folder / "double.py"], env=self.environment, capture_output=True, text=True)
        if made.returncode != 0:
            raise Broken(f"the emulator does not take the machine: {made.stderr}")
        self.made = json.loads(made.stdout)

    def start(self, job):
        return self.launch("job", self.tools / "bin/python", "start.py", job, "--machine", self.made["machine"], "--bucket", self.made["bucket"])

    def kill(self, what):
        """Ends a function whose witness has begun a task and not ended it, or its process for tasks."""
        at_work = set()
        for line in self.lines():
            kind, process = line.split()[:2]
            if " task run " in line:
                (at_work.add if kind == "begun" else at_work.discard)(process)
        found = [(process.pid, False) for name, process in self.processes.items() if name.startswith("emulator")]
        while found:
            process, is_busy = found.pop()
            for child, words in self.below(process).items():
                if is_busy and "function task" in words and "python" not in words:
                    os.kill(child if what == "function" else next(iter(self.below(child)), child), signal.SIGKILL)
                    return True
                found.append((child, is_busy or str(child) in at_work))
        return False

    def after(self, job):
        """The program by the runtime interface emulator: a plan, a task that is done, and one of an item that is not there."""
        place, port = next(self.tools.rglob("aws-lambda-rie-x86_64")), free_port()
        place.chmod(0o755)
        self.launch("rie", place, "--runtime-interface-emulator-address", f"127.0.0.1:{port}", "--runtime-api-address", f"127.0.0.1:{free_port()}", self.environment["RIDLEY"], "function", "task")
        wait_for_port(port)

        def ask(**event):
            return invoke(port, job=job, **event)

        answers = ask(do="plan", item=0), ask(do="run", item=0, number=0), ask(do="run", item=999, number=0).get("errorType"), ask(do="rnu").get("errorType")
        if answers != ({"pieces": [], "last": 0}, {}, "WrongCall", "WrongCall"):
            raise Broken(f"the runtime interface emulator was answered {answers}")
        return "; Amazon's runtime interface emulator is answered; its template is taken, and not with " + ", ".join(BREAKAGES)


class Emulator(AWS):
    """Amazon's emulator of the runtime interface, two of them, asked by what a state machine would do."""

    name, victims, count = "lambda", ("function", "task"), 2

    def before(self):
        pass

    def up(self):
        place = next(self.tools.rglob("aws-lambda-rie-x86_64"))
        place.chmod(0o755)
        self.ports = [free_port() for _ in range(self.count)]
        for number, port in enumerate(self.ports):
            # Each function has a disk of its own, and the library in common.
            self.launch(
                f"emulator#{number}", place, "--runtime-interface-emulator-address", f"127.0.0.1:{port}", "--runtime-api-address", f"127.0.0.1:{free_port()}",
                sys.executable, self.folder / "witness.py", environment=dict(self.environment, AWS_LAMBDA_FUNCTION_TIMEOUT="300", AWS_LAMBDA_FUNCTION_MEMORY_SIZE="3008"))
        for port in self.ports:
            wait_for_port(port)

    def start(self, job):
        items = queue.SimpleQueue()
        for number in json.loads(self.listed(job)):
            items.put(number)
        threads = [threading.Thread(target=self.hand_out, args=(job, items, port), daemon=True) for port in self.ports]
        for thread in threads:
            thread.start()
        return threads

    def listed(self, job):
        """The open items, by the recipe's own way."""
        words = [sys.executable, "-c", "import sys, json, ridley_task; print(json.dumps(ridley_task.all_open_items(sys.argv[1])))", job]
        return subprocess.run(words, env=self.environment, check=True, capture_output=True, text=True).stdout

    def finish(self, running):
        for thread in running:
            thread.join(120)

    def hand_out(self, job, items, port):
        while True:
            try:
                item = items.get_nowait()
            except queue.Empty:
                return
            ending = "OtherPlan"
            while ending == "OtherPlan":
                planned, ending = self.ask(port, job=job, do="plan", item=item)
                for number in planned.get("pieces", []):
                    self.ask(port, job=job, do="run", item=item, number=number)
                if "last" in planned:
                    ending = self.ask(port, job=job, do="run", item=item, number=planned["last"])[1]

    def ask(self, port, **event):
        """The answer, and the name of what it ended with where it is none that another attempt may change."""
        for _ in range(60):
            try:
                answer = invoke(port, **event)
            except (OSError, ValueError):
                answer = {"errorType": "Gone"}
            if (ending := answer.get("errorType")) in (None, "NeverDone", "OtherPlan", "WrongCall", "WrongSetup"):
                return answer, ending
            time.sleep(0.5)
        return {}, "Gone"

    def after(self, job):
        return ""


engine, emulator = AWS, Emulator
