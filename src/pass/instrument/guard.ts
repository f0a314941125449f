/**
 * Stands around the passes of plugins, whatever else is switched off: they get everything frozen, and what they
 * make is looked at as a value that may be anything before a verifier takes it for a facet.
 */
import { deepFreeze } from '../../base/freeze.js';
import { facetFaults } from '../../ir/check-facet.js';
import type { Instrument } from '../manager.js';
import { blame } from '../origin.js';

/** Faults that are shown. */
const MOST_TERMS = 5;

export const guarding: Instrument = {
  before: ({ plugin, ir }) => {
    if (plugin !== undefined) deepFreeze(ir);
  },
  after: ({ plugin, pass, ir }, report) => {
    if (plugin === undefined) return;
    const faults = facetFaults(pass.makes, ir[pass.makes]);
    if (faults.length === 0) deepFreeze(ir[pass.makes]);
    else
      report(
        blame(plugin, 'DF8309', `the result of ${pass.name} is no ${pass.makes} facet`, [], {
          terms: faults.slice(0, MOST_TERMS),
          help: 'return plain data in the form of the facet; the kit makes plans of stacks in the right form',
        }),
      );
  },
};
