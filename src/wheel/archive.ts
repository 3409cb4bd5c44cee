/** A ZIP archive that has exactly one reading. Directories are not among its entries. */
export interface Archive {
  /** In the order of their data. */
  readonly entries: readonly ArchiveEntry[];
  entry(path: string): ArchiveEntry | undefined;
  /**
   * The member's bytes, inflated; size and CRC hold.
   * @throws ArtifactError `archive-unreadable`
   */
  read(entry: ArchiveEntry): Buffer;
  /** As `read`, piece by piece, for members too large to hold. Size and CRC are known to hold only at the end. */
  chunks(entry: ArchiveEntry): AsyncIterable<Buffer>;
}

export interface ArchiveEntry {
  readonly path: string;
  /** Inflated bytes. */
  readonly size: number;
  readonly compressedSize: number;
  readonly crc32: number;
  readonly isDeflated: boolean;
  /** Whether the archive marks the file as executable. */
  readonly isExecutable: boolean;
  /** Where the member's data begins in the file. */
  readonly dataOffset: number;
}

/**
 * The most bytes that `read` holds at once: data in an archive may be longer than what it inflates to, as empty blocks of
 * deflate inflate to nothing.
 */
export function bytesToRead({ size, compressedSize }: ArchiveEntry): number {
  return Math.max(size, compressedSize);
}
