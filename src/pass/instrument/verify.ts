/** Runs the verifier of the facet a pass made. A rejection names the pass: plugins are blamed by name, as we are. */
import { InternalError } from '../../base/assert.js';
import { diagnostic, hasErrors, type Diagnostic } from '../../diag/diagnostic.js';
import { FACETS, type Facet, type PartialIR } from '../../ir/facets.js';
import type { Instrument } from '../manager.js';

/** One verifier per facet: everything that is wrong with it, notes included. */
export type Verifiers = Readonly<Record<Facet, (ir: PartialIR) => readonly Diagnostic[]>>;

/** `each`: after every pass, the facet just made. `end`: all facets, once, after the last pass. */
export function verifying(verifiers: Verifiers, when: 'each' | 'end'): Instrument {
  if (when === 'each')
    return {
      after: ({ ir, pass }, report) => {
        const found = verifyFacet(verifiers, ir, pass.makes);
        if (hasErrors(found)) report(rejection(`the output of ${pass.name}`, pass.makes));
        found.forEach(report);
      },
    };
  return {
    end: (ir, report) => {
      for (const facet of FACETS.filter((candidate) => ir[candidate] !== undefined)) {
        const found = verifyFacet(verifiers, ir, facet);
        if (hasErrors(found)) report(rejection('the final IR', facet));
        found.forEach(report);
      }
    },
  };
}

const rejection = (what: string, facet: Facet): Diagnostic =>
  diagnostic('DF9002', `verifier rejected ${what}`, [{ kind: 'ir', facet, id: '' }], {
    help: 'the diagnostics that follow say which invariants of the facet are broken',
  });

/** A verifier may run into ids that resolve to nothing: that is a finding too. */
export function verifyFacet(verifiers: Verifiers, ir: PartialIR, facet: Facet): readonly Diagnostic[] {
  try {
    return verifiers[facet](ir);
  } catch (error) {
    if (!(error instanceof InternalError)) throw error;
    return [diagnostic('DF9002', `verification stopped: ${error.message}`, [{ kind: 'ir', facet, id: '' }])];
  }
}
