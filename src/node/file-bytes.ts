/**
 * A file as a byte source: read by position through one window, so that a model of many gigabytes costs what is looked
 * at. A file that cannot be read by position (a pipe) is read whole.
 */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { bytesInMemory, type ByteSource } from '../base/byte-source.js';

/** Read at once around a position: a few headers. Between weights most of it is in vain, so it is small. */
const WINDOW_BYTES = 16 * 1024;

/** Up to this size a file is read whole. */
const SMALL_BYTES = 1024 * 1024;

/** Opens a file for as long as the process runs; throws what the file system throws. */
export function fileBytes(file: string): ByteSource {
  const descriptor = openSync(file, 'r');
  const { size } = fstatSync(descriptor);
  if (size <= SMALL_BYTES) {
    const bytes = readFileSync(descriptor);
    closeSync(descriptor);
    return bytesInMemory(bytes);
  }
  return { size, read: windowed(descriptor, size) };
}

function windowed(descriptor: number, size: number): ByteSource['read'] {
  const window = new Uint8Array(WINDOW_BYTES);
  let windowStart = 0;
  let windowEnd = 0;
  return (start, length) => {
    const end = Math.min(start + length, size);
    if (start >= windowStart && end <= windowEnd)
      return window.subarray(start - windowStart, end - windowStart);
    if (end - start > WINDOW_BYTES) return readAt(descriptor, new Uint8Array(end - start), start);
    windowStart = start;
    windowEnd = start + readAt(descriptor, window, start).length;
    return window.subarray(0, Math.max(0, Math.min(end, windowEnd) - start));
  };
}

/** Fills the buffer as far as the file reaches. */
function readAt(descriptor: number, buffer: Uint8Array, start: number): Uint8Array {
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(descriptor, buffer, filled, buffer.length - filled, start + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
