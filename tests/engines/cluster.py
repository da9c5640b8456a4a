"""A real Spark cluster on loopback, from nothing but the PySpark wheel: a master, workers, and a Connect server."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 180
"""How long a part of the cluster may take to answer: Java starts slowly on a busy machine."""

MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"
CONNECT = "org.apache.spark.sql.connect.service.SparkConnectServer"


def free_port():
    """A port nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Cluster:
    """The processes of a cluster, each in a group of its own, so that a worker dies with its executors."""

    def __init__(self, folder):
        import pyspark

        self.folder = folder
        self.home = Path(pyspark.__file__).parent
        self.port = free_port()
        self.address = f"spark://127.0.0.1:{self.port}"
        self.parts = {}
        self.env = {
            **os.environ,
            "SPARK_HOME": str(self.home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_LOCAL_DIRS": str(folder / "local"),
            "PYSPARK_PYTHON": sys.executable,
            "SPARK_NO_DAEMONIZE": "1",
        }

    def start(self, name, *words):
        """Start one process of the cluster, its log in a file of its own."""
        with (self.folder / f"{name}.log").open("wb") as log:
            self.parts[name] = subprocess.Popen(
                [str(self.home / "bin" / words[0]), *words[1:]], env=self.env, stdout=log, stderr=log, start_new_session=True
            )

    def log(self, name):
        """What a process has said so far."""
        return (self.folder / f"{name}.log").read_text("utf8", "replace")

    def wait(self, name, word):
        """Wait until a process says a word."""
        until = time.monotonic() + START_SECONDS
        while word not in self.log(name):
            if self.parts[name].poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{name} did not start: {self.log(name)[-2000:]}")
            time.sleep(0.2)

    def add_worker(self, name):
        """A worker of one core."""
        folder = str(self.folder / name)
        self.start(
            name, "spark-class", WORKER, self.address, "--host", "127.0.0.1", "--cores", "1", "--memory", "1g",
            "--webui-port", "0", "--work-dir", folder,
        )  # fmt: skip
        self.wait(name, "Successfully registered with master")

    def connect(self):
        """Start a Connect server on the cluster; returns its address."""
        port = free_port()
        self.start(
            "connect", "spark-submit", "--class", CONNECT, "--master", self.address, "--conf", "spark.ui.enabled=false",
            "--conf", "spark.executor.memory=1g", "--conf", f"spark.connect.grpc.binding.port={port}", "spark-internal",
        )  # fmt: skip
        self.wait("connect", "Spark Connect server started")
        return f"sc://127.0.0.1:{port}"

    def kill(self, name):
        """End a process and its executors at once, without a word."""
        part = self.parts.pop(name)
        os.killpg(part.pid, signal.SIGKILL)
        part.wait()


@contextmanager
def cluster(folder, workers=2):
    """A master and workers, gone at the end."""
    made = Cluster(folder)
    try:
        made.start("master", "spark-class", MASTER, "--host", "127.0.0.1", "--port", str(made.port), "--webui-port", "0")
        made.wait("master", "New state: ALIVE")
        for n in range(1, workers + 1):
            made.add_worker(f"worker-{n}")
        yield made
    finally:
        for name in list(made.parts):
            made.kill(name)
