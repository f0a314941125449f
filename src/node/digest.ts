/** Digests of bytes and texts: equal digests, equal content. */
import { createHash } from 'node:crypto';
import type { ByteSource } from '../base/byte-source.js';

/** Bytes read at once: a model file may be larger than memory. */
const CHUNK = 1 << 22;

/** Hexadecimal SHA-256, or its first digits. */
export function digest(content: string | Uint8Array | ByteSource, digits = 64): string {
  const hash = createHash('sha256');
  if (typeof content === 'string' || content instanceof Uint8Array) hash.update(content);
  else for (let start = 0; start < content.size; start += CHUNK) hash.update(content.read(start, CHUNK));
  return hash.digest('hex').slice(0, digits);
}
