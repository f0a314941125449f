/**
 * Bytes that are read by position, so that a file much larger than memory can be looked into. What `read` hands out
 * is valid until the next `read`: a source may keep one window and move it.
 */
export interface ByteSource {
  readonly size: number;
  /** The bytes from `start` on; fewer than `length` only at the end. */
  readonly read: (start: number, length: number) => Uint8Array;
}

export const bytesInMemory = (bytes: Uint8Array): ByteSource => ({
  size: bytes.length,
  read: (start, length) => bytes.subarray(start, start + length),
});

export const asSource = (bytes: Uint8Array | ByteSource): ByteSource =>
  ArrayBuffer.isView(bytes) ? bytesInMemory(bytes) : bytes;

/** All of it, copied: for texts and whatever else is read as a whole. */
export function allBytes(bytes: Uint8Array | ByteSource): Uint8Array {
  const source = asSource(bytes);
  return source.read(0, source.size).slice();
}
