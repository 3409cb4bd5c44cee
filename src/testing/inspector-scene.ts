import assert from "node:assert/strict";
import type { WheelDescription } from "./make-wheel.ts";
import { type Scene, setScene } from "./scene.ts";

/** A distribution NAME with a Python inspector NAME. */
export function inspectorDistribution(name: string, module: string): WheelDescription {
  return {
    name,
    entryPoints: `[pip.plugins]\n${name} = ${name}_inspector\n`,
    files: { [`${name}_inspector.py`]: module },
  };
}

/** A scene in which distributions with inspectors, by name, are installed into `tools` by tspip, and none is enabled. */
export async function setInspectorScene(modules: Readonly<Record<string, string>>): Promise<Scene> {
  const scene = await setScene();
  for (const [name, module] of Object.entries(modules)) scene.offer(inspectorDistribution(name, module));
  const pins = Object.keys(modules).map((name) => `${name}==1.0`);
  const { exitCode, stderr } = await scene.tspip("install", "--venv", "tools", ...pins);
  assert.equal(exitCode, 0, stderr);
  return scene;
}

/** A tspip.toml that enables Python inspectors of `tools`. */
export function enabling(names: readonly string[], settings = ""): string {
  const inspectors = names.map((name) => `[[inspector]]\nname = "${name}"\n`);
  return `[plugins]\npython = "tools/bin/python"\n${settings}\n${inspectors.join("")}`;
}
