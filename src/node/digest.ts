/** Digests of bytes and texts: equal digests, equal content. */
import { createHash } from 'node:crypto';

/** Hexadecimal SHA-256, or its first digits. */
export const digest = (content: string | Uint8Array, digits = 64): string =>
  createHash('sha256').update(content).digest('hex').slice(0, digits);
