/** Modules that every Python from 3.8 on has. */
const always =
  "abc antigravity argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 cProfile calendar cmath cmd code codecs codeop collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg csv ctypes curses dataclasses datetime dbm decimal difflib dis doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob grp gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress itertools json keyword linecache locale logging lzma mailbox marshal math mimetypes mmap modulefinder multiprocessing netrc ntpath numbers opcode operator optparse os pathlib pdb pickle pickletools pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtplib socket socketserver sqlite3 ssl stat statistics string stringprep struct subprocess symtable sys sysconfig syslog tabnanny tarfile tempfile termios textwrap this threading time timeit tkinter token tokenize trace traceback tracemalloc tty turtle types typing unicodedata unittest urllib uuid venv warnings wave weakref webbrowser wsgiref xml xmlrpc zipapp zipfile zipimport zlib".split(
    " ",
  );

/** Modules that came later, by the minor version of the first Python that has them. */
const since: Readonly<Record<string, number>> = {
  graphlib: 9,
  zoneinfo: 9,
  tomllib: 11,
  annotationlib: 14,
  compression: 14,
};

/** Modules that went, by the minor version of the first Python that has them no more (PEP 594, PEP 632). */
const until: Readonly<Record<string, number>> = {
  ...Object.fromEntries("asynchat asyncore distutils imp smtpd".split(" ").map((name) => [name, 12])),
  ...Object.fromEntries(
    "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd sunau telnetlib uu xdrlib"
      .split(" ")
      .map((name) => [name, 13]),
  ),
};

/**
 * The names of the standard library's modules and packages (sys.stdlib_module_names), without those that begin with an
 * underscore.
 * @param pythonVersion `3.13`; of an unknown one, the modules that all have
 */
export function standardModules(pythonVersion: string): ReadonlySet<string> {
  const minor = Number(/^3\.(\d+)/.exec(pythonVersion)?.[1] ?? Number.NaN);
  const names = (table: Readonly<Record<string, number>>, has: (version: number) => boolean) =>
    Object.entries(table).flatMap(([name, version]) => (has(version) ? [name] : []));
  return new Set([...always, ...names(since, (first) => minor >= first), ...names(until, (first) => minor < first)]);
}
