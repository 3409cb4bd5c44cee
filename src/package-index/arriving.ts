/** Bytes on their way into a private file, for whoever passes them on meanwhile. A second attempt is another one. */
export interface Arriving {
  readonly path: string;
  /** Bytes that there will be, as the server says; undefined where it does not. */
  readonly size: number | undefined;
  /** Bytes that lie there so far. */
  readonly length: number;
  /** Resolves when there are more. Nobody says when no more will come. */
  more(): Promise<void>;
}

/** One that grows. */
export interface GrowingFile extends Arriving {
  grow(bytes: number): void;
}

export function growingFile(path: string, size: number | undefined): GrowingFile {
  let length = 0;
  let next = Promise.withResolvers<void>();
  return {
    path,
    size,
    get length() {
      return length;
    },
    more: () => next.promise,
    grow(bytes) {
      length += bytes;
      next.resolve();
      next = Promise.withResolvers();
    },
  };
}
