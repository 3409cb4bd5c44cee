/** What a `Host` of a test says of this process and may do to others. */
export const testProcesses = {
  pid: process.pid,
  isAlive: () => true,
  node: process.execPath,
  killGroup(pid: number): void {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It is gone.
    }
  },
} as const;
