/** Freezes what a pass made, deeply, so that a later pass that writes into the IR fails where it does so. */
import type { Instrument } from '../manager.js';

export const freezing: Instrument = { after: ({ ir, pass }) => deepFreeze(ir[pass.makes]) };

/** Iterative, and stops at what is frozen already: facets share parts. */
export function deepFreeze(root: unknown): void {
  const pending: unknown[] = [root];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null || Object.isFrozen(value)) continue;
    Object.freeze(value);
    for (const part of Object.values(value)) pending.push(part);
  }
}
