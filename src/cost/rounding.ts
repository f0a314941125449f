/**
 * Where real numbers become counts. A tile that does not fill the array has fractional unrollings, so extents,
 * words per cycle and instances are averages. The published model truncates or rounds each of them (Q14); the
 * corrected one keeps the average and only removes floating-point noise, so that a ceil never jumps by one (Q15).
 */
import type { Profile } from '../base/profile.js';

export interface Rounding {
  /** Words, cycles and parts of a transfer: always whole. */
  readonly ceil: (x: number) => number;
  /** Elements along an input axis. */
  readonly extent: (x: number) => number;
  /** Elements held in one instance. */
  readonly elements: (x: number) => number;
  /** Elements per cycle that different instances below want from one instance. */
  readonly perCycle: (x: number) => number;
  /** Active instances of a memory. */
  readonly instances: (x: number) => number;
}

/** Half to even, as the published model rounds. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
}

/** The nearest integer if `x` is within rounding noise of it (relative 1e-9), else `x`. */
export function snap(x: number): number {
  const nearest = Math.round(x);
  return Math.abs(x - nearest) <= 1e-9 * Math.max(1, Math.abs(x)) ? nearest : x;
}

const PUBLISHED: Rounding = {
  ceil: Math.ceil,
  extent: Math.trunc,
  elements: roundHalfEven,
  perCycle: Math.trunc,
  instances: roundHalfEven,
};

const REAL: Rounding = {
  ceil: (x) => Math.ceil(snap(x)),
  extent: snap,
  elements: snap,
  perCycle: snap,
  instances: snap,
};

export const roundingOf = (profile: Profile): Rounding =>
  profile.fractions === 'truncated' ? PUBLISHED : REAL;
