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

/** Numbers at equal distances are joined from so many on. */
const MANY = 10;

/** Ascending numbers, neighbours joined: `1-3, 7`; and many at equal distances: `1, 4 .. 4912`. */
export function ranges(numbers: readonly number[]): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < numbers.length;) {
    const first = numbers[at]!;
    const step = (numbers[at + 1] ?? NaN) - first;
    let end = at + 1;
    while (numbers[end]! - numbers[end - 1]! === step) end++;
    const last = numbers[end - 1]!;
    const isRun = step === 1 || end - at >= MANY;
    if (!isRun) texts.push(String(first));
    else texts.push(...(step === 1 ? [`${first}-${last}`] : [String(first), `${first + step} .. ${last}`]));
    at = isRun ? end : at + 1;
  }
  return texts;
}
