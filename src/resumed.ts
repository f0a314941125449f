/**
 * What a run that starts from a dump takes over from the runs before it: the passes that made what it goes on from,
 * and the accelerator that this holds for. A dump that does not say (older ones, and modules made by hand) is taken
 * as it is.
 */
import { fail } from './diag/diagnostic.js';
import type { Accelerator } from './hw/accelerator.js';
import { diffFields, type FieldDiff } from './ir/diff.js';
import { FACETS, type Facet, type PartialIR } from './ir/facets.js';
import type { PassRecord, Provenance } from './ir/provenance.js';
import type { AnyPass } from './pass/pass.js';

const MOST_TERMS = 6;

/** The module for a run on `hw`, with the passes that count. Throws a DiagnosticError if it is for another one. */
export function takenOver(start: PartialIR, passes: readonly AnyPass[], hw: Accelerator): PartialIR {
  const { made } = start;
  if (made === undefined) return start;
  checkAccelerator(start, made, passes, hw);
  return { ...start, made: { accelerator: hw, passes: passesBefore(made, passes[0]) } };
}

/** The passes before and those of this run. */
export const wholePipeline = ({ made }: PartialIR, pipeline: string): string =>
  [...(made?.passes ?? []).map(({ pass }) => pass), pipeline].filter((text) => text !== '').join(',');

/** Without what the first pass to run makes stale and does not need. */
function passesBefore({ passes }: Provenance, first: AnyPass | undefined): readonly PassRecord[] {
  if (first === undefined) return passes;
  const needs = first.needs as readonly Facet[];
  const isUsed = ({ makes }: PassRecord): boolean =>
    needs.includes(makes) || FACETS.indexOf(makes) < FACETS.indexOf(first.makes);
  return passes.slice(0, passes.findLastIndex(isUsed) + 1);
}

/** Facets that no pass will make again hold for this accelerator, whatever its name. */
function checkAccelerator(
  start: PartialIR,
  made: Provenance,
  passes: readonly AnyPass[],
  hw: Accelerator,
): void {
  const again = Math.min(FACETS.length, ...passes.map(({ makes }) => FACETS.indexOf(makes)));
  const differences = diffFields([], made.accelerator, hw);
  for (const facet of FACETS.slice(0, again)) {
    const follows = dependence(start, facet);
    const found = differences.filter(({ path: [part = ''] }) => follows(part));
    if (found.length > 0) refuse(facet, found);
  }
}

/** Which parts of the accelerator a facet follows from. Decisions that were not searched may be tried on any. */
function dependence({ shapes, layers, stacks, ...ir }: PartialIR, facet: Facet): (part: string) => boolean {
  const all = (part: string): boolean => part !== 'name' && part !== 'source';
  const none = (): boolean => false;
  switch (facet) {
    case 'layers':
      if (layers?.layers.some(({ otherUnrollings }) => otherUnrollings !== undefined)) return all;
      // The layers of a table state their own.
      return layers && shapes ? (part) => part === 'precision' : none;
    case 'stacks':
      return stacks?.search ? all : none;
    case 'allocs':
    case 'costs':
      return ir[facet] ? all : none;
    default:
      return none;
  }
}

const refuse = (facet: Facet, differences: readonly FieldDiff[]): never =>
  fail('DF8014', `the ${facet} of the dump were made for an accelerator that differs`, [], {
    terms: differences
      .slice(0, MOST_TERMS)
      .map(
        ({ path, before, after }) =>
          `${path.join(' ')}: ${valueText(before)} in the dump, ${valueText(after)} here`,
      ),
    help: `start from the model, or from a dump without ${facet}; or take the accelerator of the dump`,
  });

const valueText = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
