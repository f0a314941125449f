/** Quantities in the text report: one unit for all energies of a report, so that they can be compared at a glance. */
import { perObject, perValue } from '../base/bounded-map.js';
import { ratio } from '../base/ratio.js';
import { grouped } from '../base/units.js';
import type { Extent, LoopDims } from './report.js';

const ENERGY_UNITS = [
  { unit: 'pJ', pj: 1 },
  { unit: 'nJ', pj: 1e3 },
  { unit: 'uJ', pj: 1e6 },
  { unit: 'mJ', pj: 1e9 },
  { unit: 'J', pj: 1e12 },
] as const;

export interface EnergyUnit {
  readonly unit: string;
  readonly pj: number;
  readonly decimals: number;
}

/** The largest unit in which the energy has at least `digits` digits before the point; seven digits or so in all. */
export function energyUnit(energyPj: number, digits: number): EnergyUnit {
  const unit = ENERGY_UNITS.findLast(({ pj }) => energyPj / pj >= 10 ** (digits - 1)) ?? ENERGY_UNITS[0];
  return { ...unit, decimals: energyPj / unit.pj >= 1e4 ? 1 : 3 };
}

export const energy = (energyPj: number, { pj, decimals }: EnergyUnit): string =>
  energyPj === 0 ? '-' : grouped(energyPj / pj, decimals);

/** In running text: with its unit, and `0 pJ` for nothing. */
export const energyText = (energyPj: number, unit: EnergyUnit): string =>
  energyPj === 0 ? '0 pJ' : `${energy(energyPj, unit)} ${unit.unit}`;

export const edpText = (edp: number): string => `${edp === 0 ? '0' : edp.toExponential(4)} pJ x cycles`;

export const count = (value: number): string => (value === 0 ? '-' : grouped(value));

/** Cycles may be fractional where the published model leaves them so. */
export const cycles = (value: number): string =>
  value === 0 ? '-' : grouped(value, Number.isInteger(value) || value >= 1e4 ? 0 : 1);

/** Three significant places after the point of the largest fitting multiple. */
export const scaledCycles = (value: number): string =>
  value >= 1e6
    ? `${grouped(value / 1e6, 3)} Mcycles`
    : value >= 1e3
      ? `${grouped(value / 1e3, 3)} kcycles`
      : `${value} cycles`;

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : percentText((100 * part) / whole);

/** ` (+67.5 %)`: how much a part adds to the others; nothing, where there are none. */
export const addedTo = (others: number, part: number): string =>
  others === 0 ? '' : ` (+${percent(part, others)})`;

/** ` (3.1 % of all)`; nothing, where there is nothing to have a share of. */
export const ofAll = (part: number, whole: number): string =>
  whole === 0 ? '' : ` (${percent(part, whole)} of all)`;

/** `+3.1 %`: a relative change. */
export const signedPercent = (change: number): string =>
  `${change >= 0 ? '+' : ''}${(100 * change).toFixed(1)} %`;

/** By how much a value is above another, or below. */
export const moreText = (value: number, own: number): string =>
  own === 0 && value > 0 ? 'from 0' : signedPercent(ratio(value, own) - 1);

const percentText = perValue(4096, (value: number): string => `${value.toFixed(1)} %`);

export const extent = ({ x, y }: Extent): string => `${x}x${y}`;

/** Loop sizes in order; those of size 1 go without saying. */
export const loopsText = perObject((loops: LoopDims): string =>
  Object.entries(loops)
    .filter(([, size]) => size !== 1)
    .map(([dim, size]) => `${dim}${size}`)
    .join(' '),
);
