/**
 * Bytes that can be read at any position. Reading is synchronous: members of an archive are small and many, and a
 * promise for each costs more than the read.
 */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /**
   * Exactly `length` bytes from `position`.
   * @throws ArtifactError `archive-unreadable` when the source ends before, EnvironmentError `artifact-changed` where it is a file that was
   */
  read(position: number, length: number): Buffer;
}

/** Bytes of a file from the first to the last, or so many at its end (RFC 9110, section 14). */
export type ByteRange = { readonly from: number; readonly to: number } | { readonly last: number };

/** A part of a file. */
export interface FilePart {
  readonly bytes: Buffer;
  /** Where it begins in the file. */
  readonly start: number;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** Bytes in a form that another thread can open: a file descriptor is the whole process's. */
export type SharedBytes =
  | { readonly kind: "file"; readonly descriptor: number; readonly size: number }
  | { readonly kind: "memory"; readonly bytes: Uint8Array };
