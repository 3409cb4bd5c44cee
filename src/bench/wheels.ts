import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeWheel } from "../testing/make-wheel.ts";
import { downloadRealWheels } from "../testing/real-wheels/download.ts";
import { home } from "./peers.ts";

/** Much-used projects, large and small, of 26,000 files; their newest wheels for this Python are taken once and kept. */
const projects =
  "boto3 botocore urllib3 requests setuptools certifi charset-normalizer idna typing-extensions packaging python-dateutil numpy s3transfer pyyaml six pydantic cryptography cffi pandas click jinja2 markupsafe attrs protobuf pytz colorama jmespath sqlalchemy scipy matplotlib pillow lxml aiohttp scikit-learn django flask fastapi uvicorn rich pytest mypy black ruff jedi babel pyarrow fonttools tzdata pygments".split(
    " ",
  );

/** Their wheels. @returns paths */
export function wheelhouse(): string[] {
  const at = join(home, "wheels");
  mkdirSync(at, { recursive: true });
  if (readdirSync(at).length < projects.length) {
    const argv = ["-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:", "-d", at, ...projects];
    execFileSync("python3", argv, { stdio: "inherit" });
  }
  return readdirSync(at)
    .filter((name) => name.endsWith(".whl"))
    .map((name) => join(at, name));
}

/** The wheels of the list of real ones, from the smallest to the largest. @returns paths */
export function realWheelsBySize(): string[] {
  const sized = downloadRealWheels().map((path) => ({ path, size: statSync(path).size }));
  return sized.sort((a, b) => a.size - b.size).map(({ path }) => path);
}

/** A wheel of which one file is not what RECORD says. @returns its path */
export function bentWheel(folder: string): string {
  const { filename, bytes } = makeWheel({ name: "bent", altered: { "bent/__init__.py": "changed = True\n" } });
  const path = join(folder, filename);
  writeFileSync(path, bytes);
  return path;
}
