import { readSync } from "node:fs";
import type { ByteSource, SharedBytes } from "../distribution/byte-source.ts";
import { ArtifactError } from "../errors.ts";

/** A source over bytes that any thread may read. */
export function openShared(shared: SharedBytes): ByteSource {
  return shared.kind === "file" ? fileBytes(shared.descriptor, shared.size) : memoryBytes(shared.bytes);
}

/** Files up to this are read at once by who needs all of them: a thousand members are two thousand reads otherwise. */
const heldUpTo = 16 << 20;

/** As `openShared`, to read all of it and soon. Disposing gives the memory back, which is then nobody's to use. */
export function openToRead(shared: SharedBytes): ByteSource & Disposable {
  if (shared.kind === "memory" || shared.size > heldUpTo) return { ...openShared(shared), [Symbol.dispose]() {} };
  const bytes = Buffer.allocUnsafeSlow(shared.size);
  fill(bytes, shared.descriptor, 0);
  return { ...memoryBytes(bytes), [Symbol.dispose]: () => void (bytes.buffer as ArrayBuffer).transfer(0) };
}

function fileBytes(descriptor: number, size: number): ByteSource {
  return {
    size,
    read(position, length) {
      const buffer = Buffer.allocUnsafe(length);
      fill(buffer, descriptor, position);
      return buffer;
    },
  };
}

function fill(buffer: Buffer, descriptor: number, position: number): void {
  for (let done = 0; done < buffer.length; ) {
    const count = readSync(descriptor, buffer, done, buffer.length - done, position + done);
    if (count === 0) throw endsEarly();
    done += count;
  }
}

function memoryBytes(bytes: Uint8Array): ByteSource {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    size: buffer.length,
    read(position, length) {
      if (position < 0 || position + length > buffer.length) throw endsEarly();
      return buffer.subarray(position, position + length);
    },
  };
}

function endsEarly(): ArtifactError {
  return new ArtifactError("archive-unreadable", "The file ends before the archive does");
}
