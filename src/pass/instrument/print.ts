/**
 * Prints the IR between passes: as text under a banner, or as files `03-partition-stacks.txt` and `.json` in a
 * folder. Which passes are printed is a matter of four questions; what is written goes to a sink.
 */
import { FACETS, type PartialIR } from '../../ir/facets.js';
import type { Instrument, PassEvent } from '../manager.js';

export interface PrintOptions {
  /** Names of passes. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly afterAll: boolean;
  /** Only where the facet a pass made differs, in its dump, from the one before. */
  readonly afterChange: boolean;
  /** The last good IR, if a pass fails. */
  readonly afterFailure: boolean;
}

export interface Dump {
  /** Name of a file for it, without ending. */
  readonly file: string;
  /** Headline in a stream. */
  readonly banner: string;
  readonly ir: PartialIR;
}

export function printing(
  options: PrintOptions,
  write: (dump: Dump) => void,
  print: (ir: PartialIR) => string,
): Instrument {
  const dump = ({ index, pass, ir }: PassEvent, when: string, ending: string): void => {
    const file = `${String(index).padStart(2, '0')}-${pass.name.replaceAll('/', '.')}${ending}`;
    write({ file, banner: `;; ${when} ${index} ${pass.name}`, ir });
  };
  const changed = (previous: PartialIR, ir: PartialIR): boolean =>
    FACETS.some((facet) => previous[facet] !== ir[facet]) && print(previous) !== print(ir);
  return {
    before: (event) => {
      if (options.before.includes(event.pass.name)) dump(event, 'before', '.before');
    },
    after: (event) => {
      const wanted = options.afterAll || options.after.includes(event.pass.name);
      if (wanted || (options.afterChange && changed(event.previous, event.ir))) dump(event, 'after', '');
    },
    failed: (event) => {
      if (options.afterFailure) dump(event, 'last good IR before the failed', '.failed');
    },
  };
}
