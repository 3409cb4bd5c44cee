import { isAbsolute, relative, resolve } from "node:path";
import { build } from "esbuild";

/**
 * Modules of one program in several files, each read when it is asked for: what starts every command, what the gate needs,
 * what it needs in some cases, and all the rest. A file takes what it needs of another from the other's exports, which are its modules by path, so that
 * every module is there once, with its classes and memory.
 *
 * @param layers files by name, from the one that is always read, each with the sources that it starts at; what is imported
 *   from there, and stands in no file before, is in it. The last has everything that is loaded later, and names none.
 * @param common esbuild's options
 * @returns esbuild's results
 */
export async function buildLayers(layers, outdir, common) {
  const names = Object.keys(layers);
  const [[, [main]]] = Object.entries(layers);
  const root = resolve(".");
  const { inputs } = (await build({ ...common, entryPoints: [main], outdir, write: false })).metafile;
  // What plugins make up goes along with whatever asks for it.
  const isFile = (path) => !/^[\w ]+:/.test(path);
  const fileOf = shareOut(layers, inputs, root, isFile);
  const wanted = wantedModules(inputs, fileOf, names);
  const exported = await exportedNames([...names.flatMap((name) => [...wanted[name]])], common);

  return Promise.all(
    names.map((name) =>
      build({
        ...common,
        stdin: { contents: contentsOf(name), resolveDir: root },
        outfile: `${outdir}${name}.cjs`,
        outExtension: undefined,
        plugins: [elsewhere(name), ...common.plugins],
      }),
    ),
  );

  /**
   * Its modules for other files, and the program, if it starts here. A file that starts at one source runs as a whole when it is
   * read, so that no module of it needs a function of its own around it; of the others, each runs when it is asked for.
   */
  function contentsOf(name) {
    const isWhole = layers[name].length === 1;
    const paths = [...wanted[name]].sort();
    const offers = paths.map((path, at) => offer(path, isWhole ? exported.get(path) : undefined, at));
    const start = name === names[0] ? `import "./${relative(root, main)}";` : "";
    const statements = offers.map(({ statement }) => statement);
    const getters = offers.map(({ getter }) => getter);
    return `${statements.join("\n")}\n${start}\nexport const modules = { ${getters.join(",\n")} };`;
  }

  /** Imports of modules in other files. */
  function elsewhere(name) {
    return {
      name: "layers",
      setup({ onResolve, onLoad, resolve: resolvePath }) {
        onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
          if (pluginData === "resolved" || from.namespace === "elsewhere" || from.kind === "entry-point")
            return undefined;
          const found = await resolvePath(path, { ...from, pluginData: "resolved" });
          const target = isAbsolute(found.path) ? relative(root, found.path) : undefined;
          const file = fileOf.get(target);
          return file === undefined || file === name
            ? found
            : { path: target, namespace: "elsewhere", pluginData: file };
        });
        onResolve({ filter: /./, namespace: "elsewhere" }, ({ path }) => ({ path, external: true }));
        onLoad({ filter: /./, namespace: "elsewhere" }, ({ path, pluginData: file }) => ({
          contents: taken(`require("./${file}.cjs").modules[${JSON.stringify(path)}]`, exported.get(path)),
        }));
      },
    };
  }
}

/**
 * A module for other files: the statement that brings it in, and the property that gives it.
 * @param names what it exports; of packages, which are CommonJS, and of what runs later, that is not known
 * @param at keeps the names of modules apart
 */
function offer(path, names, at) {
  const key = `get ${JSON.stringify(path)}()`;
  if (names === undefined) return { statement: "", getter: `${key} { return require("./${path}"); }` };
  const listed = (between) => names.map((name) => `${name}${between}${name}_${at}`).join(", ");
  return {
    statement: `import { ${listed(" as ")} } from "./${path}";`,
    getter: `${key} { return { ${listed(": ")} }; }`,
  };
}

/** A module that is another's: constants of its own are quicker to reach than properties of what `require` gives. */
function taken(module, names) {
  if (names === undefined) return `module.exports = ${module};`;
  return `const module = ${module};\nexport const ${names.map((name) => `${name} = module.${name}`).join(", ")};`;
}

/** The names that each of our own modules exports. */
async function exportedNames(paths, { target }) {
  const entryPoints = paths.filter((path) => path.endsWith(".ts"));
  const { outputs } = (await build({ entryPoints, outdir: "out", outbase: ".", target, write: false, metafile: true }))
    .metafile;
  return new Map(Object.values(outputs).map(({ entryPoint, exports }) => [entryPoint, exports]));
}

/** The file of each module, by its path. */
function shareOut(layers, inputs, root, isFile) {
  const fileOf = new Map();
  for (const [name, entries] of Object.entries(layers)) {
    const waiting = entries.map((entry) => relative(root, entry));
    for (const path of waiting) {
      if (fileOf.has(path)) continue;
      fileOf.set(path, name);
      waiting.push(
        ...inputs[path].imports
          .filter(isStatic)
          .map((one) => one.path)
          .filter(isFile),
      );
    }
  }
  const last = Object.keys(layers).at(-1);
  for (const path of Object.keys(inputs)) if (isFile(path) && !fileOf.has(path)) fileOf.set(path, last);
  return fileOf;
}

function isStatic({ kind, external }) {
  return kind !== "dynamic-import" && external !== true;
}

/** Modules that other files ask for, by file. */
function wantedModules(inputs, fileOf, names) {
  const wanted = Object.fromEntries(names.map((name) => [name, new Set()]));
  for (const [path, { imports }] of Object.entries(inputs)) {
    for (const one of imports) {
      const file = one.external === true ? undefined : fileOf.get(one.path);
      if (file !== undefined && file !== fileOf.get(path)) wanted[file].add(one.path);
    }
  }
  return wanted;
}
