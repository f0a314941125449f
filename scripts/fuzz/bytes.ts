/** Damage below any structure: bits, stretches, ends. */
import type { Random } from './random.js';

export function damagedBytes(random: Random, bytes: Uint8Array): Uint8Array {
  let result = bytes;
  for (let count = 1 + random.below(3); count > 0 && result.length > 0; count--)
    result = damagedOnce(random, result);
  return result;
}

function damagedOnce(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  const length = random.below(Math.min(16, bytes.length - at) + 1);
  switch (random.below(6)) {
    case 0:
      return bytes.with(at, bytes[at]! ^ (1 << random.below(8)));
    case 1:
      return bytes.with(at, random.pick([0, 1, 0x7f, 0x80, 0xff]));
    case 2:
      return bytes.subarray(0, at);
    case 3:
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    case 4:
      return joined(bytes.subarray(0, at + length), bytes.subarray(at));
    default:
      return joined(
        bytes.subarray(0, at),
        Uint8Array.from({ length }, () => random.below(256)),
        bytes.subarray(at),
      );
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
