/** Text forms of quantities. Inside the program sizes are bits, energies pJ, times cycles. */

import { perValue } from './bounded-map.js';

/** By decimals: reports of long networks say the same few numbers a million times. */
const GROUPED = [0, 1, 2, 3].map((digits) =>
  perValue(4096, (value: number): string => groupedText(value, digits)),
);

/** `9408` -> `9_408`: digits grouped for reading; the sign and up to `digits` decimals kept. */
export const grouped = (value: number, digits = 0): string =>
  GROUPED[digits]?.(value) ?? groupedText(value, digits);

/** A limit for reading: as `grouped`, with up to three decimals, and never more than it is. */
export function groupedDown(value: number): string {
  if (Number.isInteger(value)) return grouped(value);
  return grouped(Math.floor(value * 1000) / 1000, 3).replace(/\.?0+$/, '');
}

function groupedText(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  const sign = value < 0 ? '-' : '';
  if (Math.abs(value) < 999) return sign + text;
  const [whole = '0', fraction] = text.split('.');
  const groups = whole.replace(/\B(?=(\d{3})+(?!\d))/g, '_');
  return sign + groups + (fraction === undefined ? '' : `.${fraction}`);
}

/** A size for people: whole bytes where it is a multiple of 8 bits, bits otherwise. */
export const sizeText = (sizeBits: number): string =>
  sizeBits % 8 === 0 ? `${grouped(sizeBits / 8)} B` : `${grouped(sizeBits)} bit`;

const SIZE_UNITS: Readonly<Record<string, number>> = { bit: 1, B: 8, KB: 8 * 1024, MB: 8 * 1024 * 1024 };

/** No size is larger: beyond, whole numbers of bits are not exact. */
export const MOST_BITS = Number.MAX_SAFE_INTEGER;

/** Bits in a size text such as `64 KB` (1 KB = 1024 B), `2 B`, `10000000000 bit`; undefined if it is none. */
export function parseSizeBits(text: string): number | undefined {
  const bits = sizeOf(text);
  return Number.isSafeInteger(bits) && bits > 0 ? bits : undefined;
}

/** The text says a size, and it is larger than `MOST_BITS`. */
export const isTooLarge = (text: string): boolean => sizeOf(text) > MOST_BITS;

function sizeOf(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(bit|B|KB|MB)\s*$/.exec(text);
  return Number(match?.[1]) * (SIZE_UNITS[match?.[2] ?? ''] ?? NaN);
}
