import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { python } from "../testing/scene.ts";
import { temporaryFolder } from "../testing/tree.ts";
import type { EntryPoint } from "../wheel/entry-points.ts";
import { rewriteShebang, type ScriptInterpreter, scriptFiles, shebang } from "./scripts.ts";

const needsPython = python === undefined ? { skip: "there is no python3 on PATH" } : {};
const tool: EntryPoint = { group: "console_scripts", name: "tool", module: "pkg.cli", attribute: "App.main" };
const scripts = "C:\\env\\Scripts";

const onPosix = (executable: string): ScriptInterpreter => ({ executable, isWindows: false });
const onWindows = (executable: string): ScriptInterpreter => ({ executable, isWindows: true });
const batchOf = (entryPoint: EntryPoint, executable: string) =>
  scriptFiles(entryPoint, onWindows(executable), scripts).find(({ name }) => name.endsWith(".cmd"))?.text;

test("an entry point is one file where the first line starts it", () => {
  const [file, ...others] = scriptFiles(tool, onPosix("/env/bin/python"), "/env/bin");
  assert.deepEqual([file?.name, others], ["tool", []]);
  assert.match(file?.text ?? "", /^#!\/env\/bin\/python\n.*from pkg\.cli import App\n.*sys\.exit\(App\.main\(\)\)\n$/s);
});

test("on Windows it is a module, and a batch file that starts it with the interpreter beside it", () => {
  const files = scriptFiles(tool, onWindows("C:\\env\\Scripts\\python.exe"), scripts);
  assert.deepEqual(
    files.map(({ name }) => name),
    ["tool-script.py", "tool.cmd"],
  );
  assert.match(files[0]?.text ?? "", /^#!C:\\env\\Scripts\\python\.exe\n/);
  assert.equal(files[1]?.text, '@"%~dp0python.exe" "%~dp0tool-script.py" %*\r\n');
});

test("on Windows an interpreter elsewhere is named in full, and signs of percent are doubled", () => {
  const expected = '@"D:\\100%% Python\\python.exe" "%~dp0tool-script.py" %*\r\n';
  assert.equal(batchOf(tool, "D:\\100% Python\\python.exe"), expected);
});

test("on Windows a script with a window of its own is started without a console", () => {
  const gui = { ...tool, group: "gui_scripts" };
  assert.equal(
    batchOf(gui, "C:\\env\\Scripts\\python.exe"),
    '@start "" "%~dp0pythonw.exe" "%~dp0tool-script.pyw" %*\r\n',
  );
  assert.match(batchOf(gui, "C:\\env\\Scripts\\pythonw.exe") ?? "", /%~dp0pythonw\.exe/);
});

for (const interpreter of [onPosix, onWindows]) {
  test(`a module of an entry point shows the command's own name: ${interpreter.name}`, needsPython, () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, "pkg"));
    const main = "import sys\nclass App:\n    main = staticmethod(lambda: print(sys.argv[0].rpartition('/')[2]))\n";
    writeFileSync(join(folder.path, "pkg", "cli.py"), main);
    const [{ name, text } = { name: "", text: "" }] = scriptFiles(tool, interpreter("python"), folder.path);
    writeFileSync(join(folder.path, name), text);
    assert.equal(execFileSync(python ?? "", [join(folder.path, name)], { encoding: "utf8" }), "tool\n");
  });
}

test("the first line: blanks and long paths go through a shell, on Windows through quotes", () => {
  assert.equal(shebang(onPosix("/env/bin/python")), "#!/env/bin/python\n");
  for (const path of ["/my env/bin/python", `/${"a".repeat(130)}/python`])
    assert.equal(shebang(onPosix(path)), `#!/bin/sh\n'''exec' "${path}" "$0" "$@"\n' '''\n`);
  assert.equal(shebang(onWindows("C:\\my env\\python.exe")), '#!"C:\\my env\\python.exe"\n');
});

test("rewriteShebang() changes what begins with #!python, and nothing else", () => {
  const rewrite = (text: string) => rewriteShebang(Buffer.from(text), onPosix("/env/bin/python")).toString();
  assert.equal(rewrite("#!python -E\nx = 1\n"), "#!/env/bin/python\nx = 1\n");
  assert.equal(rewrite("#!pythonw"), "#!/env/bin/python\n");
  for (const text of ["#!/bin/sh\n", "x = 1\n", ""]) assert.equal(rewrite(text), text);
});
