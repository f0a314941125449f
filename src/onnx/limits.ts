/** Sizes beyond which a tensor is refused by name, rather than counted wrongly or walked through for minutes. */
import { grouped } from '../base/units.js';
import { fail, type Location } from '../diag/diagnostic.js';

export const MAX_RANK = 64;

/** With 128 bits each, the widest type, they can still be counted. */
const MAX_ELEMENTS = 2 ** 46;

export function refuseRank(rank: number, what: string, at: readonly Location[]): void {
  if (rank > MAX_RANK)
    fail('DF2012', `${what} has ${grouped(rank)} dimensions; at most ${MAX_RANK} are supported`, at, {
      help: 'export the model again; this one is damaged',
    });
}

/** What an operator makes of hostile attributes: fractions, negative sizes, too many axes or elements. */
export function refuseSizes(shape: readonly number[], what: string, at: readonly Location[]): void {
  refuseRank(shape.length, what, at);
  const text = `[${shape.join(', ')}]`;
  const wrong = shape.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (wrong !== undefined)
    fail('DF2004', `${what} would have shape ${text}, and ${wrong} is no size`, at, {
      help: 'check the attributes and shape operands of the node',
    });
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements > MAX_ELEMENTS)
    fail(
      'DF2011',
      `${what} ${text} has ${elements.toExponential(2)} elements; at most 2^46 can be counted`,
      at,
      {
        help: 'check the sizes of the inputs and constants behind it',
      },
    );
}
