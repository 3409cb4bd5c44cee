import { readSync } from "node:fs";
import type { ByteSource, SharedBytes } from "../distribution/byte-source.ts";
import { ArtifactError } from "../errors.ts";

/** A source over bytes that any thread may read. */
export function openShared(shared: SharedBytes): ByteSource {
  return shared.kind === "file" ? fileBytes(shared.descriptor, shared.size) : memoryBytes(shared.bytes);
}

function fileBytes(descriptor: number, size: number): ByteSource {
  return {
    size,
    read(position, length) {
      const buffer = Buffer.allocUnsafe(length);
      for (let done = 0; done < length; ) {
        const count = readSync(descriptor, buffer, done, length - done, position + done);
        if (count === 0) throw endsEarly();
        done += count;
      }
      return buffer;
    },
  };
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
