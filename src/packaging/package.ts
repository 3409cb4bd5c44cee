import { join } from "node:path";
import { messageOf } from "../errors.ts";
import { makeNpmPackage } from "./npm-package.ts";
import { makePypiWheel } from "./pypi-wheel.ts";
import { makeSingleExecutable } from "./single-executable.ts";

/** `npm run build:npm`, `build:pypi` and `build:sea`: what is published, into dist-packages/. */
const forms = { npm: makeNpmPackage, pypi: makePypiWheel, sea: makeSingleExecutable };

const [form = ""] = process.argv.slice(2);
const make = forms[form as keyof typeof forms];
try {
  if (make === undefined) throw new Error(`There is no form "${form}", only ${Object.keys(forms).join(", ")}`);
  const directory = join(import.meta.dirname, "../../dist-packages");
  process.stdout.write(`${await make(directory)}\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
