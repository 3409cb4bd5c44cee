import { constants, createInflateRaw, type InflateRaw } from "node:zlib";

/** Inflates members one after the other with one state of zlib. */
export interface Inflater {
  /** @returns the member; nothing when `data` do not inflate to just `size` bytes, or are not used up by that */
  whole(data: Buffer, size: number): Buffer | undefined;
  /**
   * A member piece by piece. Each piece is there until the next is asked for, and nothing else may be inflated meanwhile.
   * @throws Error when the data do not inflate, end early, or something follows them
   */
  pieces(data: Iterable<Buffer>): Generator<Buffer>;
}

/** Of a piece: small enough for a processor to have it at hand while it is hashed and written. */
const pieceLength = 256 << 10;

/**
 * Opens what Node.js has below its streams of zlib. `inflateRawSync` makes a stream and a state of zlib for every call, which
 * for the small files that wheels are full of takes as long as inflating them (docs/decisions/0005-installing.md).
 * @returns nothing in a Node.js that has it no longer: then it is `inflateRawSync`, and streams
 */
export function openInflater(): Inflater | undefined {
  let state = openState();
  if (state?.step(trial.data, 0, Buffer.alloc(2), constants.Z_FINISH)?.filled !== trial.size) return undefined;
  /** What has refused something is closed. */
  const step = (...given: Parameters<State["step"]>): Step | undefined => {
    const done = state?.step(...given);
    if (done === undefined) state = undefined;
    return done;
  };
  const begin = () => {
    if (state === undefined) state = openState();
    else state.reset();
  };
  return {
    whole(data, size) {
      begin();
      // With room for one byte more than there should be, it is seen when there are more.
      const bytes = Buffer.allocUnsafe(size + 1);
      const done = step(data, 0, bytes, constants.Z_FINISH);
      return done?.used === data.length && done.filled === size ? bytes.subarray(0, size) : undefined;
    },
    *pieces(data) {
      begin();
      const piece = Buffer.allocUnsafeSlow(pieceLength);
      const inflate = (input: Buffer, from: number, flush: number): Step => {
        const done = step(input, from, piece, flush);
        if (done === undefined) throw new Error("The data are damaged, or end early");
        return done;
      };
      for (const input of data) {
        for (let from = 0, isFull = true; isFull; ) {
          const { used, filled } = inflate(input, from, constants.Z_NO_FLUSH);
          if (filled > 0) yield piece.subarray(0, filled);
          from += used;
          isFull = filled === pieceLength;
          if (!isFull && from < input.length) throw new Error("Something follows the data");
        }
      }
      inflate(Buffer.alloc(0), 0, constants.Z_FINISH);
    },
  };
}

/** One byte, deflated. */
const trial = { data: Buffer.from("4b0400", "hex"), size: 1 };

/** Bytes of the input that were used, and of the output that were filled. */
interface Step {
  readonly used: number;
  readonly filled: number;
}

interface State {
  reset(): void;
  /** Inflates from `from` until the input is used up, or the output full. @returns nothing when zlib refuses: the state is closed then */
  step(input: Buffer, from: number, output: Buffer, flush: number): Step | undefined;
}

/** What zlib.js of Node.js 11 to 26 has; @types/node does not know it. */
interface Internals {
  readonly _handle?: {
    reset(): void;
    /** Flush, input, its start and length, output, its start and length. */
    writeSync(...given: [number, Buffer, number, number, Buffer, number, number]): void;
  };
  /** Bytes that the last write left free of the output, and unused of the input. */
  readonly _writeState?: Uint32Array;
}

/** No buffer has as much left; a write that zlib refuses leaves it. */
const untouched = 0xffff_ffff;

function openState(): State | undefined {
  // Nothing goes through the stream itself; what it has to say of damaged data, `step` says.
  const stream = createInflateRaw({ chunkSize: constants.Z_MIN_CHUNK }).on("error", () => {});
  const { _handle: handle, _writeState: left } = stream as InflateRaw & Internals;
  if (handle === undefined || left === undefined) return undefined;
  return {
    reset: () => handle.reset(),
    step(input, from, output, flush) {
      left.fill(untouched);
      handle.writeSync(flush, input, from, input.length - from, output, 0, output.length);
      const [room = untouched, rest = untouched] = left;
      return rest === untouched ? undefined : { used: input.length - from - rest, filled: output.length - room };
    },
  };
}
