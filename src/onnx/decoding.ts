/** What decoding needs at every depth: where we are, and what to report. */
import { grouped } from '../base/units.js';
import { diagnostic, fail, type Diagnostic, type Location } from '../diag/diagnostic.js';
import type { DType } from '../ir/tensor.js';
import { DTYPES, dtypeName } from './dtype.js';
import { refuseRank } from './limits.js';
import { exactInteger } from './int64.js';

type Place = Pick<Extract<Location, { kind: 'onnx' }>, 'node' | 'name' | 'op' | 'tensor'>;

export interface Decoding {
  readonly diagnostics: readonly Diagnostic[];
  readonly report: (diagnostic: Diagnostic) => void;
  readonly at: (place: Place) => readonly Location[];
  /** A dimension or version: an exact non-negative integer, else DF1010. */
  readonly size: (value: number | Long | null | undefined, what: string, place: Place) => number;
  /** The name of an element type; an unknown number is reported once (DF1012). */
  readonly dtype: (number: number, tensor: string) => DType;
  /** A shape: sizes as `size` gives them, at most `MAX_RANK` of them, else DF2012. */
  readonly shape: (dims: readonly (number | Long)[], what: string, place: Place) => readonly number[];
  readonly ignoreValues: (tensor: string, why: string) => void;
}

export function startDecoding(file: string): Decoding {
  const diagnostics: Diagnostic[] = [];
  const unknownTypes = new Set<number>();
  const report = (found: Diagnostic): void => void diagnostics.push(found);
  const at = (place: Place): readonly Location[] => [{ kind: 'onnx', file, ...place }];
  const size: Decoding['size'] = (value, what, place) => {
    const size = exactInteger(value);
    if (size !== undefined && size >= 0) return size;
    return fail(
      'DF1010',
      `${what} is ${String(value)}, outside 0 to ${grouped(Number.MAX_SAFE_INTEGER)}`,
      at(place),
      {
        help: 'export the model again; this one is damaged',
      },
    );
  };
  return {
    diagnostics,
    report,
    at,
    size,
    shape(dims, what, place) {
      refuseRank(dims.length, what, at(place));
      return dims.map((dim) => size(dim, `a dimension of ${what}`, place));
    },
    dtype(number, tensor) {
      if (DTYPES[number] === undefined && !unknownTypes.has(number)) {
        unknownTypes.add(number);
        const message = `tensor ${tensor} has element type number ${number}; known are 1 to ${DTYPES.length - 1}`;
        report(diagnostic('DF1012', message, at({ tensor })));
      }
      return dtypeName(number);
    },
    ignoreValues(tensor, why) {
      report(diagnostic('DF1011', `the numbers of constant ${tensor} are ignored: ${why}`, at({ tensor })));
    },
  };
}
