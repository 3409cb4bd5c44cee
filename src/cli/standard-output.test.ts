import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

/** A program that writes `text` twice, and tells stderr of what it hears. */
const program = (text: string) => `
const { descriptorOutput } = await import(${JSON.stringify(new URL("standard-output.ts", import.meta.url).href)});
const { writeSync } = await import("node:fs");
const output = descriptorOutput(1, ({ code }) => writeSync(2, code));
output.write(${text});
output.write(${text});
if (output.isTTY) writeSync(2, "terminal");
`;

/** Runs it by a line of Python that has its command as \`argv\`. */
function runBy(python: string, text: string) {
  const argv = [process.execPath, "--input-type=module", "-e", program(text)];
  const { stdout, stderr } = spawnSync(
    "python3",
    ["-c", `import os, pty, subprocess, sys, time; argv = sys.argv[1:]\n${python}`, ...argv],
    { encoding: "utf8" },
  );
  return { stdout, stderr };
}

test("a pipe that does not wait gets all of it, however slow its reader is", () => {
  const python = `
read, write = os.pipe()
os.set_blocking(write, False)
child = subprocess.Popen(argv, stdout=write)
os.close(write)
time.sleep(0.3)
print(len(os.fdopen(read, "rb").read()))`;
  assert.deepEqual(runBy(python, `"é".repeat(500_000)`), { stdout: "2000000\n", stderr: "" });
});

test("a reader that has gone is told of once, and so is a disk that is full", () => {
  const gone = `
child = subprocess.Popen(argv, stdout=subprocess.PIPE)
child.stdout.close()
child.wait()`;
  assert.equal(runBy(gone, `"x"`).stderr, "EPIPE");
  assert.equal(runBy(`subprocess.call(argv, stdout=open("/dev/full", "w"))`, `"x"`).stderr, "ENOSPC");
});

test("only a terminal is one", () => {
  assert.equal(runBy("pty.spawn(argv)", `"x"`).stdout, "xxterminal");
  for (const place of ["subprocess.PIPE", "subprocess.DEVNULL", `open("/dev/zero", "w")`])
    assert.equal(runBy(`subprocess.run(argv, stdout=${place})`, `"x"`).stderr, "");
});
