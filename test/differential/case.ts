/** One operator call to be tried on both sides: what a generator draws. */
import type { Random } from '../support/random.js';
import type { AttrSpec } from '../support/onnx-model.js';

export const FLOAT = 1;
export const UINT8 = 2;
export const INT8 = 3;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const UINT32 = 12;

export interface Operand {
  readonly shape: readonly number[];
  /** ONNX element type; default float. */
  readonly type?: number;
  /** A constant with these numbers; absent: fed when the model runs, all zeros. */
  readonly values?: readonly number[];
}

export interface Case {
  readonly op: string;
  readonly domain?: string;
  /** null: an optional input that is absent. */
  readonly inputs: readonly (Operand | null)[];
  readonly attrs?: Readonly<Record<string, AttrSpec>>;
  readonly outputs?: number;
}

/** Draws a call of one operator in a version of the operator set; undefined: there is none in that version. */
export type Generator = (random: Random, opset: number) => Case | undefined;
export type Generators = Readonly<Record<string, Generator>>;

export const shape = (random: Random, low = 0, high = 4): readonly number[] =>
  random.ints(random.int(low, high), 1, 5);

export const list = (...values: readonly number[]): Operand => ({
  shape: [values.length],
  type: INT64,
  values,
});

export const scalar = (value: number, type = INT64): Operand => ({ shape: [], type, values: [value] });

export const constants = (sizes: readonly number[], value = 0, type = FLOAT): Operand => ({
  shape: sizes,
  type,
  values: Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => value),
});

/** An axis as ONNX counts it, from the front or from the back. */
export const signed = (random: Random, axis: number, rank: number): number =>
  random.chance(0.4) ? axis - rank : axis;

/** From the operator set that has it. */
export const since =
  (first: number, generator: Generator): Generator =>
  (random, opset) =>
    opset >= first ? generator(random, opset) : undefined;

/** Only attributes that were drawn. */
export function attributes(
  entries: Readonly<Record<string, AttrSpec | undefined | false>>,
): Readonly<Record<string, AttrSpec>> {
  return Object.fromEntries(
    Object.entries(entries).filter(
      (entry): entry is [string, AttrSpec] => entry[1] !== undefined && entry[1] !== false,
    ),
  );
}

/** Shapes that broadcast to one another, the first of full rank or not. */
export function broadcasting(random: Random, count: number, most = 4): readonly (readonly number[])[] {
  const full = shape(random, 0, most);
  return Array.from({ length: count }, () => {
    const kept = full.slice(random.int(0, full.length));
    return (random.chance(0.5) ? full : kept).map((size) => (random.chance(0.25) ? 1 : size));
  });
}
