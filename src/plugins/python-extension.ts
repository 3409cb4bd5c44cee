/**
 * Runs a Python extension in the foreground, as a script of its environment would run (pip issue 12766, `ext`): an entry point
 * of `pip.ext` is a module whose `cli` has `main(args)`. A `cli` that is itself called, one that is the name of a module, and
 * a `main(args)` beside it are taken as well.
 *
 * The arguments behind it are module, attribute, the command's name, and the command's own arguments.
 */
export const pythonExtension = `
import sys
if sys.path and sys.path[0] == "":
    del sys.path[0]
import importlib, importlib.util
module, attribute, name = sys.argv[1:4]
arguments = sys.argv[4:]
sys.argv = ["tspip ext " + name] + arguments
subject = importlib.import_module(module)
for part in filter(None, attribute.split(".")):
    subject = getattr(subject, part)
cli = getattr(subject, "cli", None)
if cli is None and hasattr(subject, "__path__") and importlib.util.find_spec(module + ".cli"):
    cli = importlib.import_module(module + ".cli")
if isinstance(cli, str):
    cli = importlib.import_module(cli)
main = getattr(cli, "main", None) or cli or getattr(subject, "main", None) or subject
if not callable(main):
    sys.exit("{} has no cli with main(args)".format(module))
sys.exit(main(arguments))
`;

/**
 * Reads what `description()` of modules returns, out of their sources: nothing of them is run. What is not a literal is
 * not known. Arguments: the folders of importable packages as JSON, then the modules. Prints JSON: module → text.
 */
export const pythonDescriptions = `
import ast, importlib.machinery, json, sys

def source_of(module, folders):
    parts = module.split(".")
    for at in range(len(parts)):
        spec = importlib.machinery.PathFinder.find_spec(".".join(parts[:at + 1]), folders)
        folders = spec.submodule_search_locations
    with open(spec.origin, "rb") as file:
        return file.read()

def description_in(module):
    for node in ast.parse(source_of(module, json.loads(sys.argv[1]))).body:
        if isinstance(node, ast.FunctionDef) and node.name == "description":
            last = node.body[-1]
            return ast.literal_eval(last.value) if isinstance(last, ast.Return) else None

descriptions = {}
for module in sys.argv[2:]:
    try:
        descriptions[module] = description_in(module)
    except Exception:
        pass
json.dump({module: text for module, text in descriptions.items() if isinstance(text, str)}, sys.stdout)
`;
