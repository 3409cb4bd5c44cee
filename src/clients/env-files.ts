import { isTable, type Table, tableIn } from "../encoding/table.ts";
import { type ClientCommand, programAt } from "./client.ts";
import { clientEnvironment, type Env, isSet } from "./environment.ts";
import { isDirect, type WayAround } from "./ways-around.ts";
import { leadsInstallers } from "./wrappers.ts";

/** A file of variables that an installer puts into the environment after we made it. */
export interface EnvFile {
  /** As the command has it; seen from the project's folder where it `isBesideProject`. */
  readonly file: string;
  readonly isBesideProject: boolean;
  /** Whether what it sets goes before what is set. */
  readonly overrides: boolean;
}

/** Files of variables that uv and PDM are told of (dotenvy, python-dotenv), and the one that pipenv reads at every command. */
export function envFiles(command: ClientCommand, env: Env): EnvFile[] {
  const { client, words } = command;
  if (client === "pipenv") return pipenvFile(env);
  if (client !== "uv" && client !== "pdm") return [];
  const program = programAt(command);
  const own = words.slice(0, program === undefined ? undefined : program + 1);
  const named = own.flatMap((word, at) => {
    // PDM takes any beginning of the option, and what follows it then looks like the program.
    const [option, inline] = /^--env(?:-(?:f(?:i(?:le?)?)?)?)?(?:=(.*))?$/s.exec(word) ?? [];
    return option === undefined ? [] : (inline ?? own[at + 1] ?? []);
  });
  const isOff = own.includes("--no-env-file") || isSet(env.UV_NO_ENV_FILE);
  const told = client === "uv" ? (env.UV_ENV_FILE ?? "").split(/\s+/) : [];
  const files = client === "uv" && isOff ? [] : [...named, ...told].filter((file) => file !== "");
  return files.map((file) => ({ file, isBesideProject: client === "pdm", overrides: false }));
}

function pipenvFile({ PIPENV_DONT_LOAD_ENV, PIPENV_DOTENV_LOCATION }: Env): EnvFile[] {
  if (isSet(PIPENV_DONT_LOAD_ENV)) return [];
  const file = PIPENV_DOTENV_LOCATION || ".env";
  return [{ file, isBesideProject: file === ".env", overrides: true }];
}

/** Files and variables of the scripts in pyproject.toml that `pdm run` starts. */
export function pdmScriptVariables(project: Table): { readonly files: EnvFile[]; readonly found: WayAround[] } {
  const scripts = tableIn(tableIn(tableIn(project, "tool"), "pdm"), "scripts");
  const options = Object.entries(scripts).filter((entry): entry is [string, Table] => isTable(entry[1]));
  const files = options.flatMap(([, script]): EnvFile[] => {
    const of = script.env_file;
    const override = isTable(of) ? of.override : script["env_file.override"];
    const named = [
      { file: of, overrides: false },
      { file: override, overrides: true },
    ];
    return named.flatMap(({ file, overrides }) =>
      typeof file === "string" ? [{ file, isBesideProject: true, overrides }] : [],
    );
  });
  const found = options.flatMap(([name, script]) =>
    Object.entries(tableIn(script, "env")).flatMap(([variable, value]) =>
      leads(variable, String(value), true) ? [late(variable, `pyproject.toml (tool.pdm.scripts.${name})`)] : [],
    ),
  );
  return { files, found };
}

/** What in such a file would lead installers elsewhere that are started behind it. @param place names the file */
export function waysAroundInEnvFile(text: string, place: string, overrides: boolean): WayAround[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, at) => {
    const [, name = "", value = ""] = /^\s*(?:export\s+)?['"]?([^=#\s'"]+)['"]?\s*=(.*)$/s.exec(line) ?? [];
    return leads(name, value, overrides) ? [late(name, `${place}:${at + 1}`)] : [];
  });
}

/** What we set ourselves stays, where the file does not go before it. */
const ours = new Set(Object.keys(clientEnvironment({}, new URL("http://127.0.0.1/"), "")));

function leads(name: string, value: string, overrides: boolean): boolean {
  if (!overrides && ours.has(name)) return false;
  const names = /^(?:PIP_(?:EDITABLE|REQUIREMENT|(?:BUILD_)?CONSTRAINT)|UV_(?:OVERRIDE|(?:BUILD_)?CONSTRAINT))$/i;
  if (names.test(name)) return isDirect(value.trim().replace(/^['"]/, ""));
  return leadsInstallers(name) || (overrides && (/^no_proxy$/i.test(name) || ours.has(name)));
}

function late(what: string, place: string): WayAround {
  return {
    what,
    place,
    why: "is put into the environment behind tspip, where it leads installers",
    hint: "Remove it there and give the index to tspip run, or keep the file from being read: UV_NO_ENV_FILE=1, PIPENV_DONT_LOAD_ENV=1",
  };
}
