import { resolve } from "node:path";
import type { Scene } from "./scene.ts";

/** `tspip serve` at work in this process. Disposing interrupts it and waits for its end. */
export interface RunningService extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/` */
  readonly url: URL;
  /** What it wrote to stdout so far: one object for each line. */
  log(): readonly Readonly<Record<string, unknown>>[];
  stderr(): string;
  /** Interrupts it. @returns its exit code */
  end(): Promise<number>;
}

/** Starts it with a `serve.toml` that the caller has written into the scene, on a free port. */
export async function startTestService(
  scene: Scene,
  config = "serve.toml",
  env: Readonly<Record<string, string>> = {},
): Promise<RunningService> {
  const interrupted = new AbortController();
  let [stdout, stderr] = ["", ""];
  let ended: ReturnType<Scene["tspipOn"]> | undefined;
  const url = await new Promise<URL>((resolveUrl, reject) => {
    const write = (text: string) => {
      stderr += text;
      const [, found] = /Serving on (\S+)/.exec(stderr) ?? [];
      if (found !== undefined) resolveUrl(new URL(found));
    };
    ended = scene.tspipOn(
      {
        env,
        signal: interrupted.signal,
        stdout: {
          isTTY: false,
          write: (text) => {
            stdout += text;
          },
        },
        stderr: { isTTY: false, write },
      },
      "serve",
      "--config",
      resolve(scene.folder, config),
    );
    ended.then(({ exitCode }) => reject(new Error(`It ended with ${exitCode}: ${stderr}`)), reject);
  });
  const end = async () => {
    interrupted.abort();
    return (await ended)?.exitCode ?? -1;
  };
  return {
    url,
    log: () =>
      stdout
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
    stderr: () => stderr,
    end,
    [Symbol.asyncDispose]: async () => void (await end()),
  };
}
