/** int64 of the file -> number, once and for all: beyond this file no `Long` exists. */
import Long from 'long';

/** Exporters write INT64_MAX and INT64_MIN for "to the end" (Slice) and "everything"; they saturate. */
const END = Long.MAX_VALUE.subtract(1);

/** The number, or undefined where it is not exact. Absent is 0, the protobuf default. */
export function exactInteger(value: number | Long | null | undefined): number | undefined {
  if (value === null || value === undefined) return 0;
  const number = typeof value === 'number' ? value : Long.fromValue(value).toNumber();
  return Number.isSafeInteger(number) ? number : undefined;
}

/** As `exactInteger`, with the two ends of the int64 range read as the ends of the exact range. */
export function saturatedInteger(value: number | Long): number | undefined {
  const exact = exactInteger(value);
  if (exact !== undefined) return exact;
  const long = Long.fromValue(value);
  if (long.unsigned) return undefined;
  if (long.greaterThanOrEqual(END)) return Number.MAX_SAFE_INTEGER;
  if (long.lessThanOrEqual(END.negate())) return Number.MIN_SAFE_INTEGER;
  return undefined;
}
