import type { Scene } from "../scene.ts";

/** What has to be there for the commands of one page, or of one section of it. */
export interface Exercise {
  /** From the top of the repository. */
  readonly page: string;
  /** The section; the whole page, without sections that have an exercise of their own, when left out. */
  readonly heading?: string;
  /** Why it cannot be typed on this machine. */
  readonly skip?: string | undefined;
  // biome-ignore lint/suspicious/noConfusingVoidType: most need nothing said
  prepare(scene: Scene): Promise<Prepared | void> | Prepared | void;
  /** How commands end that do not end well, by how they begin. */
  readonly exits?: Readonly<Record<string, number>>;
  /** Whether its files are real ones: the public Sigstore is trusted, and not that of the tests. */
  readonly isReal?: boolean;
  /** Whether each block is another story, which begins in a scene of its own. */
  readonly apart?: boolean;
}

export interface Prepared {
  /** What the page has for everybody, and what it is here: hosts, ports. */
  readonly instead?: readonly (readonly [shown: string, here: string])[];
  readonly env?: Readonly<Record<string, string>>;
  /** Folders of programs that go before those of the machine. */
  readonly programs?: readonly string[];
  /** Called when all is typed. */
  readonly end?: () => PromiseLike<void>;
}
