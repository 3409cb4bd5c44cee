/**
 * What calls Python inspectors, in their own language; it speaks JSON lines on file descriptor 3. It runs with -I -S:
 * isolated, and without `site`, whose .pth files are code of every distribution that is installed. Folders that .pth
 * files name are taken, as editable installations need them.
 *
 * The arguments behind it are the folders of importable packages.
 */
export const pythonShim = `
import importlib, inspect, json, logging, os, pathlib, sys, traceback

CHANNEL = 3
HOOKS = ("pre_download", "pre_extract")
TYPE = "dist-inspector"
MOST_CHARACTERS = 10000
own_process = os.getpid()

def write(message):
    data = json.dumps(message).encode("ascii") + b"\\n"
    while data:
        data = data[os.write(CHANNEL, data):]

def close_channel():
    try:
        os.close(CHANNEL)
    except OSError:
        pass

class Handler(logging.Handler):
    def emit(self, record):
        level = "warning" if record.levelno >= logging.WARNING else "info"
        write({"log": {"level": level, "text": self.format(record)[:MOST_CHARACTERS]}})

def take_folders(folders):
    for folder in folders:
        sys.path.append(folder)
        for name in sorted(os.listdir(folder) if os.path.isdir(folder) else ()):
            if name.endswith(".pth"):
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                    lines = [line.strip() for line in file]
                paths = [os.path.join(folder, line) for line in lines if line and line[0] != "#" and line[:6] != "import"]
                sys.path.extend(path for path in paths if os.path.isdir(path))

def words_of(error):
    try:
        return str(error)[:MOST_CHARACTERS] or type(error).__name__
    except BaseException:
        return type(error).__name__

def failure_of(error):
    return "{}: {}".format(type(error).__name__, words_of(error))

def is_refusal(error):
    return isinstance(error, ValueError) or any(base.__name__ == "InspectionRefused" for base in type(error).__mro__)

class Inspector:
    def __init__(self, subject, options):
        self.warnings = []
        self.ignored = None
        self.hooks = {}
        names = self.names_of_hooks(subject)
        if self.ignored is not None:
            return
        for name in names:
            function = getattr(subject, name, None)
            if not callable(function):
                raise TypeError("it has no function {}()".format(name))
            arguments_of(function, name, dict.fromkeys(("url", "filename", "digest", "path", "reference"), ""))
            self.hooks[name] = function
        if options is not None:
            if not callable(getattr(subject, "configure", None)):
                raise TypeError("it takes no options: it has no function configure(options)")
            subject.configure(options)

    def names_of_hooks(self, subject):
        """The RFC's form says a type, the pull request's form says the hooks."""
        if hasattr(subject, "plugin_type"):
            kind = subject.plugin_type()
            if kind != TYPE:
                self.ignored = "its type is {!r}, and the only one known is {!r}".format(kind, TYPE)
                return []
            if not hasattr(subject, "provided_hooks"):
                names = [name for name in HOOKS if hasattr(subject, name)]
                if not names:
                    raise TypeError("it has neither pre_download() nor pre_extract()")
                return names
        elif not hasattr(subject, "provided_hooks"):
            raise TypeError("it has neither plugin_type() nor provided_hooks()")
        provided = list(subject.provided_hooks())
        names = [name for name in HOOKS if name in provided]
        unknown = [str(name) for name in provided if name not in HOOKS]
        if not names:
            self.ignored = "it provides no hook that is known" + (": " + ", ".join(unknown) if unknown else "")
        self.warnings = ["its hook {} is not known and never called".format(name) for name in unknown]
        return names

def arguments_of(function, hook, given):
    """By the names of the parameters; the first one gets the URL or the path where it has another name."""
    parameters = list(inspect.signature(function).parameters.values())
    known = {key: given[key] for key in ("url", "filename", "digest", "reference")}
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    first = []
    if hook == "pre_extract":
        first = [pathlib.Path(given["path"])]
    elif positional and (positional[0].name not in known or positional[0].kind == positional[0].POSITIONAL_ONLY):
        first = [given["url"]]
    taken = {p.name for p in positional[:len(first)]}
    by_name = {name: known[name] for name in named if name in known and name not in taken}
    if hook == "pre_download" and any(p.kind == p.VAR_KEYWORD for p in parameters):
        by_name = dict({key: known[key] for key in ("url", "filename", "digest") if not first or key != "url"}, **by_name)
    inspect.signature(function).bind(*first, **by_name)
    return first, by_name

inspectors = {}

def load(request):
    try:
        subject = importlib.import_module(request["module"])
        for name in filter(None, request.get("attribute", "").split(".")):
            subject = getattr(subject, name)
        inspector = Inspector(subject, request.get("options"))
    except BaseException as error:
        traceback.print_exc()
        return {"state": "failed", "reason": failure_of(error)}
    if inspector.ignored is not None:
        return {"state": "ignored", "reason": inspector.ignored}
    inspectors[request["name"]] = inspector
    return {"state": "loaded", "hooks": list(inspector.hooks), "warnings": inspector.warnings}

def call(request):
    hook = request["method"]
    try:
        function = inspectors[request["name"]].hooks[hook]
        first, by_name = arguments_of(function, hook, request)
        result = function(*first, **by_name)
    except BaseException as error:
        if is_refusal(error):
            return {"outcome": "refused", "message": words_of(error)}
        traceback.print_exc()
        return {"outcome": "failed", "message": failure_of(error)}
    if result is None:
        return {"outcome": "passed"}
    kind = type(result).__name__
    return {"outcome": "failed", "message": "{}() returned {}; it returns nothing, and refuses by ValueError".format(hook, kind)}

def serve():
    with open(CHANNEL, "rb", closefd=False) as requests:
        for line in requests:
            request = json.loads(line.decode("utf-8"))
            result = load(request) if request["method"] == "load" else call(request)
            if os.getpid() != own_process:
                os._exit(0)
            sys.stdout.flush()
            write({"id": request["id"], "result": result})

os.set_inheritable(CHANNEL, False)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=close_channel)
logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[Handler()])
take_folders(sys.argv[1:])
sys.argv[1:] = []
serve()
`;
