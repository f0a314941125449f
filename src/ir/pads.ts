/** Layers that read beyond the border of a map. */
import type { Layer, Region } from './layer.js';

export const isPadded = ({ inputs }: Layer): boolean =>
  inputs.some(({ sources }) => sources.some(({ x, y }) => hasPads(x) || hasPads(y)));

const hasPads = (region: Region): boolean =>
  region.kind === 'window' && (region.before !== 0 || region.after !== 0);
