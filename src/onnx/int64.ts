/** int64 of the file -> number, once and for all: beyond this file no `Long` exists. */
import Long from 'long';

/** The number, or undefined where it is not exact. Absent is 0, the protobuf default. */
export function exactInteger(value: number | Long | null | undefined): number | undefined {
  if (value === null || value === undefined) return 0;
  const number = typeof value === 'number' ? value : Long.fromValue(value).toNumber();
  return Number.isSafeInteger(number) ? number : undefined;
}

/**
 * As `exactInteger`, with numbers beyond the exact range as its ends: exporters write INT64_MAX, -2^60 and the like for
 * "to the end" (Slice) and "everything", and no axis is as long as any of them. Of uint64 nobody does.
 */
export function saturatedInteger(value: number | Long): number | undefined {
  const exact = exactInteger(value);
  if (exact !== undefined) return exact;
  const long = Long.fromValue(value);
  if (long.unsigned) return undefined;
  return long.isNegative() ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER;
}
