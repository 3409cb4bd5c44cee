import type { NewFiles } from "./new-files.ts";

/** The start of a Python distribution: an entry point, a module and its test, without any dependency. */
export function pythonFiles(name: string, kind: "inspector" | "command"): NewFiles {
  const module = name.replace(/[-.]+/g, "_").toLowerCase();
  const [code, test] = kind === "inspector" ? [inspector, inspectorTest] : [command, commandTest];
  return {
    "pyproject.toml": pyproject(name, module, kind === "inspector" ? "pip.plugins" : "pip.ext"),
    [`${module}.py`]: code(name),
    [`test_${module}.py`]: test(module),
  };
}

const pyproject = (name: string, module: string, group: string) => `[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "${name}"
version = "0.1.0"
requires-python = ">=3.9"

[project.entry-points."${group}"]
"${name}" = "${module}"

[tool.setuptools]
py-modules = ["${module}"]
`;

const inspector = (
  name: string,
) => `"""${name}: an inspector for tspip. It refuses by ValueError, and returns nothing."""

from pathlib import Path

denied = {"example-of-a-denied-project"}


def plugin_type() -> str:
    return "dist-inspector"


def configure(options: dict) -> None:
    """What tspip.toml has under options."""
    denied.update(options.get("deny", ()))


def pre_download(url: str, reference: dict) -> None:
    """Before the first byte of a file is asked for."""
    if reference["project"] in denied:
        raise ValueError(f"{reference['project']} is denied")


def pre_extract(dist: Path) -> None:
    """With the bytes here, before anything of them is installed."""
    if dist.stat().st_size == 0:
        raise ValueError("it is empty")
`;

const inspectorTest = (module: string) => `import unittest

import ${module}


class Inspector(unittest.TestCase):
    def test_refuses_what_is_denied(self):
        ${module}.configure({"deny": ["evil"]})
        with self.assertRaisesRegex(ValueError, "evil is denied"):
            ${module}.pre_download("https://files.example/evil-1.0.tar.gz", {"project": "evil"})

    def test_lets_others_pass(self):
        self.assertIsNone(${module}.pre_download("https://files.example/good-1.0.tar.gz", {"project": "good"}))


if __name__ == "__main__":
    unittest.main()
`;

const command = (name: string) => `"""${name}: an extension command for tspip."""

import argparse
import os


def description() -> str:
    return "says which environment it works on"


class cli:
    @staticmethod
    def main(args: list) -> int:
        parser = argparse.ArgumentParser(description=description())
        parser.add_argument("--shout", action="store_true")
        options = parser.parse_args(args)
        text = os.environ.get("TSPIP_ENVIRONMENT", "no environment")
        print(text.upper() if options.shout else text)
        return 0
`;

const commandTest = (module: string) => `import contextlib
import io
import os
import unittest

import ${module}


class Command(unittest.TestCase):
    def test_says_the_environment(self):
        os.environ["TSPIP_ENVIRONMENT"] = "/env"
        with contextlib.redirect_stdout(io.StringIO()) as output:
            self.assertEqual(${module}.cli.main(["--shout"]), 0)
        self.assertEqual(output.getvalue(), "/ENV\\n")


if __name__ == "__main__":
    unittest.main()
`;
