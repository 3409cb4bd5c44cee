/** Memory for artifacts that are to lie nowhere: a limited number of bytes for all that are held at once. */
export interface Room {
  /** Memory that all threads share. Nothing where there is less left. */
  take(size: number): HeldMemory | undefined;
}

export interface HeldMemory {
  readonly bytes: Buffer;
  /** Gives its place to others. To be called once, when nobody reads the bytes any more. */
  leave(): void;
}

/** @param most bytes */
export function createRoom(most: number): Room {
  let left = most;
  return {
    take(size) {
      if (size > left) return undefined;
      left -= size;
      const leave = () => {
        left += size;
      };
      return { bytes: Buffer.from(new SharedArrayBuffer(size)), leave };
    },
  };
}
