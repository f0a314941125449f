/** Text forms of quantities. Inside the program sizes are bits, energies pJ, times cycles. */

/** `9408` -> `9_408`: digits grouped for reading; the sign and up to `digits` decimals kept. */
export function grouped(value: number, digits = 0): string {
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

/** Bits in a size text such as `64 KB` (1 KB = 1024 B), `2 B`, `10000000000 bit`; undefined if it is none. */
export function parseSizeBits(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(bit|B|KB|MB)\s*$/.exec(text);
  if (!match) return undefined;
  const bits = Number(match[1]) * (SIZE_UNITS[match[2] ?? ''] ?? NaN);
  return Number.isSafeInteger(bits) && bits > 0 ? bits : undefined;
}
