/** Layers are numbered in model order, so that a row is found again where its name had to be shortened. */
import type { ModelReport } from './report.js';

/** The number of a layer as text. */
export type Numbering = (layer: string) => string;

const NUMBERINGS = new WeakMap<ModelReport, Numbering>();

/** Made once per report: every section of it asks. */
export function numbering(model: ModelReport): Numbering {
  const made = NUMBERINGS.get(model);
  if (made !== undefined) return made;
  const numbers = new Map(model.layers.map(({ layer }, index) => [layer, String(index + 1)]));
  const number: Numbering = (layer) => numbers.get(layer) ?? '';
  NUMBERINGS.set(model, number);
  return number;
}

/** Ascending numbers, neighbours joined: `1-3, 7`. */
export function ranges(numbers: readonly number[]): readonly string[] {
  const runs: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run?.last === number - 1) run.last = number;
    else runs.push({ first: number, last: number });
  }
  return runs.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
}
