/** Freezes what a pass made, deeply, so that a later pass that writes into the IR fails where it does so. */
import { deepFreeze } from '../../base/freeze.js';
import type { Instrument } from '../manager.js';

export const freezing: Instrument = { after: ({ ir, pass }) => deepFreeze(ir[pass.makes]) };
