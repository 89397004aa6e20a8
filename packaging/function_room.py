"""What a function of Lambda has, made of this machine: a disk of so much at /tmp, memory of so much, a root that is read alone, and nobody as user.

The root is an image's, as a folder; without one it is this machine's own, and the disk lies elsewhere. Needs root, control groups and a loop device.
"""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOBODY = 65534
GROUPS = Path("/sys/fs/cgroup")

# Joins the group; then, in a mount namespace of its own, puts a root together of what the image has, the disk, and what every Linux has.
ENTER = """
[ -z "$GROUP" ] || echo $$ >"$GROUP/cgroup.procs" || exit 97
[ -n "$IMAGE" ] || exec "$@"
exec unshare --mount --propagation private sh -c '
  mount -t tmpfs -o size=1m,mode=755 none "$PLACE" || exit 98
  for name in usr etc bin lib lib64; do
    if [ -L "$IMAGE/$name" ]; then cp -P "$IMAGE/$name" "$PLACE/"
    elif [ -e "$IMAGE/$name" ]; then mkdir "$PLACE/$name" && mount --bind "$IMAGE/$name" "$PLACE/$name" && mount -o remount,ro,bind "$PLACE/$name" || exit 98
    fi
  done
  for name in /proc /sys /dev "$SHOWN"; do mkdir -p "$PLACE$name" && mount --rbind "$name" "$PLACE$name" || exit 98; done
  mkdir "$PLACE/tmp" && mount --bind "$DISK" "$PLACE/tmp" && mount -o remount,ro,bind "$PLACE" || exit 98
  exec chroot --userspec='NOBODY' "$PLACE" "$@"' sh "$@"
""".replace("'NOBODY'", f"{NOBODY}:{NOBODY}")


class Missing(Exception):
    """This machine does not let such a room be made."""


class Room:
    def __init__(self, folder, image=None, disk=512, memory=1024):
        """`folder` is for what is made; whatever lies in it may be read inside. Numbers are MiB."""
        if os.geteuid() != 0:
            raise Missing("only root may make the room of a function: a disk, a control group and a root of its own")
        self.folder, self.image, self.memory = Path(folder), image and Path(image).resolve(), memory
        self.disk, self.place = self.folder / "disk", self.folder / "place"
        for path in (self.disk, self.place):
            path.mkdir()
        try:
            self.make_disk(disk)
            self.group = self.make_group(f"ridley-function-{os.getpid()}", memory << 20)
        except (OSError, subprocess.CalledProcessError) as refusal:
            self.end()
            raise Missing(f"this machine makes no room of a function: {refusal}") from None

    def make_disk(self, size):
        file = self.folder / "disk.img"
        with open(file, "wb") as made:
            made.truncate(size << 20)
        for words in (["mkfs.ext4", "-q", "-F", "-m", "0", file], ["mount", "-o", "loop", file, self.disk]):
            subprocess.run(words, check=True, capture_output=True)
        shutil.rmtree(self.disk / "lost+found", ignore_errors=True)
        os.chmod(self.disk, 0o1777)

    @staticmethod
    def make_group(name, size):
        old = GROUPS / "memory"
        group, file = (old / name, "memory.limit_in_bytes") if old.is_dir() else (GROUPS / name, "memory.max")
        group.mkdir()
        (group / file).write_text(str(size))
        return group

    def environment(self):
        """Where the program may write, and how much memory it is told of."""
        tmp = "/tmp" if self.image else str(self.disk)
        return dict(TMPDIR=tmp, RIDLEY_HOME=f"{tmp}/home", RIDLEY_CACHE=f"{tmp}/cache", AWS_LAMBDA_FUNCTION_MEMORY_SIZE=str(self.memory), PATH="/usr/sbin:/usr/bin:/sbin:/bin")

    def words(self, *words, limited=True):
        """The words that run a program inside; they end in that program's own process."""
        told = dict(GROUP=str(self.group) if limited else "", IMAGE=str(self.image or ""), DISK=str(self.disk), PLACE=str(self.place), SHOWN=str(self.folder))
        return ["env", *(f"{name}={value}" for name, value in told.items()), "sh", "-c", ENTER, "sh", *map(str, words)]

    def peak(self):
        """The most memory that the group had, in bytes, with what of files it held; and how often the kernel ended a process of it."""
        def read(*names):
            for name in names:
                if (self.group / name).exists():
                    return (self.group / name).read_text()
            return ""
        ended = [int(line.split()[1]) for line in read("memory.events", "memory.oom_control").splitlines() if line.startswith("oom_kill ")]
        return int(read("memory.peak", "memory.max_usage_in_bytes") or 0), sum(ended)

    def empty(self):
        """Takes away what lies on the disk, as a new function has it."""
        for path in self.disk.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def used(self):
        """Bytes of the disk that are taken."""
        told = os.statvfs(self.disk)
        return (told.f_blocks - told.f_bfree) * told.f_frsize

    def end(self):
        subprocess.run(["umount", self.disk], capture_output=True)
        group = getattr(self, "group", None)
        if group:
            try:
                group.rmdir()
            except OSError:
                pass
