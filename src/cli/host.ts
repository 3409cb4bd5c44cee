/** What the program may know of the process it runs in. `main.ts` makes the real one, tests make their own. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly homedir: string;
  readonly platform: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborts when the user interrupts. */
  readonly signal: AbortSignal;
  now(): Date;
  /** Asks for a text that is not shown while it is typed; absent where nobody sits at a terminal. */
  readonly askSecret?: ((prompt: string) => Promise<string>) | undefined;
  /** Whether commands that we start get our own streams; else what they say is passed on. */
  readonly sharesStreams?: boolean;
  /** Of the Node.js that runs us. */
  readonly nodeVersion?: string;
  /** Hands signals that would end us to `listener` instead, until disposed. */
  readonly holdSignals?: (listener: (signal: NodeJS.Signals) => void) => Disposable;
  /** The user's number; absent on systems without such numbers. */
  readonly userId?: number | undefined;
  /** Processors that this process may use. */
  readonly processors: number;
  readonly pid: number;
  isAlive(pid: number): boolean;
  /** Kills a process that leads a group, and all of the group. One that is gone already is no error. */
  killGroup(pid: number): void;
  /** From now on, what the engine does on threads of its own takes no time from this one. */
  spareProcessor?(): void;
  /** From now on, garbage is collected as suits tens of thousands of small files, here and in threads that start from now on. */
  expectManyFiles?(): void;
  /** From now on, functions are compiled as suits what is over soon. What bytecode is kept of has to be loaded by then. */
  expectBriefWork?(): void;
  /** The executable of Node.js, for what others wrote in JavaScript. */
  readonly node: string;
}

export interface Output {
  readonly isTTY: boolean;
  write(text: string): void;
}
