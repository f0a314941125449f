/**
 * Validators that the build has made of schemas, by `schemaKey` (validator.ts). None here: in the bundle of the command
 * line a file of them takes the place of this one (scripts/prepare-schemas.ts), since making one takes longer than all
 * checks of a run.
 */
import type { Validate } from './validator.js';

export const PREPARED: ReadonlyMap<string, Validate<unknown>> = new Map();
