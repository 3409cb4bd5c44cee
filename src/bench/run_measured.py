"""Runs a command; prints its seconds, its processor seconds, the peak memory in MB of its largest process, and its exit code."""

import json
import resource
import subprocess
import sys
import time

start = time.perf_counter()
status = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
seconds = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
# Linux counts in KiB, macOS in bytes.
memory = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
print(json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "memory": memory, "status": status}))
