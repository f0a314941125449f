/**
 * Layers in tiles of known size where nothing is truncated: all that a bound needs is a product of what the loops along x
 * come to, those along y, and the others. Tiles are many, but there are few sizes along one axis.
 */
import { known } from '../base/assert.js';
import { perValue } from '../base/bounded-map.js';
import type { Profile } from '../base/profile.js';
import { fanOutNumbers } from '../cost/fan-out.js';
import { roundingOf } from '../cost/rounding.js';
import { instancesOf, type Accelerator } from '../hw/accelerator.js';
import type { Axis, LoopDim } from '../ir/layer.js';
import {
  elementsOf,
  limitsOf,
  sharedAmong,
  type BoundLayer,
  type BoundOperand,
  type TileOutputs,
} from './bound-layer.js';
import type { LayerWork, OperandWork, TileWork } from './layer-work.js';
import { tileNest, type TileNest } from './tile-nest.js';
import { mostElements, trafficOf, trafficOfBoth } from './traffic.js';

/** Sizes along an axis kept per layer. */
const MOST_SIZES = 4096;

const AXIS: Partial<Record<LoopDim, Axis>> = { OX: 'x', FX: 'x', OY: 'y', FY: 'y' };

export function realTiles(hw: Accelerator, profile: Profile, bound: BoundLayer): TileWork {
  const along = (axis: Axis | undefined, size: number): LayerWork =>
    workAlong(hw, profile, bound, axis, { x: size, y: size });
  const others = along(undefined, 1);
  const columns = perValue(MOST_SIZES, (x: number) => bothOf(others, along('x', x)));
  const rows = perValue(MOST_SIZES, (y: number) => along('y', y));
  const mayPass = bound.operands.some(({ mayPassBy }) => mayPassBy);
  return (out) => {
    const work = bothOf(columns(out.x), rows(out.y));
    return mayPass && !hasNoRoom(hw, profile, bound, out, work) ? withoutPassing(work) : work;
  };
}

const withoutPassing = (work: LayerWork): LayerWork => ({
  ...work,
  operands: work.operands.map((operand) => ({ ...operand, mayPassBy: false })),
});

/** Of the loops of a tile along an axis; undefined: of those along none. */
function workAlong(
  hw: Accelerator,
  profile: Profile,
  bound: BoundLayer,
  axis: Axis | undefined,
  out: TileOutputs,
): LayerWork {
  const isIn = (dim: LoopDim): boolean => AXIS[dim] === axis;
  const nest = tileNest(hw, profile, bound, out, isIn);
  const { iterations, steps, countOf } = nest;
  return {
    isTile: true,
    iterations,
    steps,
    fewestSteps: steps,
    along: { x: countOf('OX'), y: countOf('OY') },
    stays: bound.stays,
    operands: bound.operands.map((operand, o): OperandWork => {
      const some = {
        ...operand,
        relevant: operand.relevant.filter(isIn),
        windows: operand.windows.filter((window) => isIn(window.out)),
      };
      const work = operandAlong(profile, bound, some, nest, known(nest.loops[o], 'operand'));
      if (knowsShare(bound, operand)) return work;
      const shared = axis === undefined ? operand.shared : operand.shared.map(() => 1);
      return { ...work, shared: sharedAmong(bound, { ...some, shared }, nest.outputs) };
    }),
  };
}

/**
 * Where a window meets a border there are fewer elements than units, and past the lowest level units share otherwise:
 * sharing is bounded as for any tile.
 */
const knowsShare = ({ clipped }: BoundLayer, { name, windows }: BoundOperand): boolean =>
  name !== 'Y' && !(windows.length > 0 && clipped);

/** `some`: an operand with nothing but the dims of these loops. */
function operandAlong(
  profile: Profile,
  bound: BoundLayer,
  some: BoundOperand,
  { outputs, iterations, steps, countOf }: TileNest,
  loops: TileNest['loops'][number],
): OperandWork {
  const rounding = roundingOf(profile);
  const { perCycle, instances } = fanOutNumbers(some, loops, rounding);
  const limits = limitsOf(bound, some, outputs);
  const { lowestTop, kept, mayPassBy, memories } = some;
  return {
    elements: elementsOf(bound, some, outputs),
    lowestTop,
    shared: memories.map((_, a) => iterations / (steps * perCycle[a]! * instances[a + 1]!)),
    kept,
    mayPassBy,
    // Where it is not known how much of the map there is, nothing is known to pass.
    traffic: limits.includes(0) ? undefined : trafficOf(some, loops, countOf, limits, rounding),
  };
}

/** Of the loops of both; they have no dim in common. Hot: for every tile size of every layer. */
function bothOf(one: LayerWork, other: LayerWork): LayerWork {
  const steps = one.steps * other.steps;
  return {
    isTile: true,
    iterations: one.iterations * other.iterations,
    steps,
    fewestSteps: steps,
    along: { x: one.along.x * other.along.x, y: one.along.y * other.along.y },
    stays: one.stays,
    operands: one.operands.map((operand, o): OperandWork => {
      const { elements, shared, traffic } = other.operands[o]!;
      return {
        elements: operand.elements * elements,
        lowestTop: operand.lowestTop,
        shared: operand.shared.map((iterations, a) => iterations * shared[a]!),
        kept: operand.kept,
        mayPassBy: operand.mayPassBy,
        traffic: operand.traffic && traffic && trafficOfBoth(operand.traffic, traffic),
      };
    }),
  };
}

/**
 * Whether the second input of an elementwise layer may pass by the lowest level: not where both inputs and the output
 * have room for what the array works on at once, or for all of an output that may stay there (reference model, 4.4). How
 * much room caches leave is not known, and they may lie in whatever exists once.
 */
function hasNoRoom(
  hw: Accelerator,
  profile: Profile,
  bound: BoundLayer,
  out: TileOutputs,
  work: LayerWork,
): boolean {
  const { operands } = bound;
  const memory = operands.find(({ name }) => name === 'Y')?.memories[0];
  if (memory === undefined) return false;
  if (profile.residents === 'reserved' && instancesOf(hw, memory) === 1) return true;
  const { loops, countOf } = tileNest(hw, profile, bound, out);
  const rounding = roundingOf(profile);
  const needs = operands.map((operand, o) => {
    const level = operand.memories.indexOf(memory);
    if (level < 0) return 0;
    const units = known(loops[o], 'operand').slice(0, level + 1);
    const once = mostElements(operand, units, () => 1, rounding);
    const widest = Math.max(operand.bits, operand.psumBits);
    const stays = operand.name === 'O' && work.operands[o]!.elements * operand.bits <= memory.sizeBits;
    return widest * (stays ? mostElements(operand, units, countOf, rounding) : once);
  });
  return needs.reduce((sum, bits) => sum + bits, 0) > memory.sizeBits;
}
