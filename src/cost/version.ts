/**
 * The version of the model: raised with every change of a number that it gives. Results kept on disk carry it, so
 * that those of another version are never mixed with new ones. A test compares results with those on record.
 */
export const COST_MODEL_VERSION = 9;
