/**
 * The static check of a pipeline: every facet a pass needs has been made before it and is not stale. It is the
 * rule of the type `Step` (ir/facets.ts) over the `needs` and `makes` of passes that are known by name only.
 */
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import { FACETS, type Facet } from '../ir/facets.js';
import type { Registry, Step } from './registry.js';

/** Facets that making `facet` leaves stale. */
export const staleAfter = (facet: Facet): readonly Facet[] => FACETS.slice(FACETS.indexOf(facet) + 1);

/** One diagnostic per pass that stands in the wrong place; `present`: facets there from the start. */
export function checkOrder(
  steps: readonly Step[],
  present: readonly Facet[],
  registry: Registry,
): readonly Diagnostic[] {
  const has = new Set(present);
  /** Who made a facet stale last. */
  const staledBy = new Map<Facet, string>();
  const problems: Diagnostic[] = [];
  for (const { pass, at } of steps) {
    const missing = (pass.needs as readonly Facet[]).filter((facet) => !has.has(facet));
    for (const facet of missing) {
      const culprit = staledBy.get(facet);
      const why = culprit === undefined ? 'which no pass before it makes' : `which ${culprit} has made stale`;
      problems.push(
        diagnostic('DF8003', `${pass.name} needs the facet ${facet}, ${why}`, [at], {
          help: advice(facet, pass.name, registry),
        }),
      );
    }
    for (const facet of staleAfter(pass.makes)) if (has.delete(facet)) staledBy.set(facet, pass.name);
    has.add(pass.makes);
    staledBy.delete(pass.makes);
    // What stands behind is judged as if this pass were in order: one mistake, one diagnostic.
    for (const facet of missing) has.add(facet);
  }
  return problems;
}

function advice(facet: Facet, before: string, registry: Registry): string {
  const makers = registry.passes.filter(
    (pass) => pass.makes === facet && !(pass.needs as readonly Facet[]).includes(facet),
  );
  const names = makers.map(({ name }) => name).join(' or ');
  return names === '' ? `no registered pass makes ${facet}` : `put ${names} before ${before}`;
}
