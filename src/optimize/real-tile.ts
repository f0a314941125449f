/**
 * Layers in tiles of known size where nothing is truncated: all that a bound needs is a product of what the loops along x
 * come to, those along y, and the others. Tiles are many, but there are few sizes along one axis.
 */
import { known } from '../base/assert.js';
import type { Profile } from '../base/profile.js';
import { fanOutNumbers } from '../cost/fan-out.js';
import { roundingOf } from '../cost/rounding.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { Axis, LoopDim } from '../ir/layer.js';
import { elementsOf, limitsOf, type BoundLayer, type BoundOperand } from './bound-layer.js';
import type { LayerWork, OperandWork, TileOutputs, TileWork } from './layer-work.js';
import type { AxisSteps } from './stays.js';
import { tileNest, type TileNest } from './tile-nest.js';
import { mostElements, trafficOf, trafficOfBoth } from './traffic.js';

/** Some loops of a layer, those along an axis or the others. */
interface Part {
  readonly iterations: number;
  readonly steps: number;
  /** Of the loop over outputs along each axis. */
  readonly along: AxisSteps;
  readonly operands: readonly OperandPart[];
}

type OperandPart = Pick<OperandWork, 'elements' | 'shared' | 'traffic'>;

const AXIS: Partial<Record<LoopDim, Axis>> = { OX: 'x', FX: 'x', OY: 'y', FY: 'y' };

export function realTiles(hw: Accelerator, profile: Profile, bound: BoundLayer): TileWork {
  const part = (axis: Axis | undefined, size: number): Part =>
    partOf(hw, profile, bound, axis, { x: size, y: size });
  const fixed = part(undefined, 1);
  const columns = remembered((x) => bothOf(fixed, part('x', x)));
  const rows = remembered((y) => part('y', y));
  const isShareKnown = bound.operands.map((operand) => knowsShare(bound, operand));
  const mayPass = bound.operands.some(({ mayPassBy }) => mayPassBy);
  return (out): LayerWork => {
    const { operands, ...work } = bothOf(columns(out.x), rows(out.y));
    const passes = mayPass && hasNoRoom(hw, profile, bound, out);
    return {
      ...work,
      isTile: true,
      fewestSteps: work.steps,
      stays: bound.stays,
      operands: operands.map(({ elements, shared, traffic }, o): OperandWork => {
        const { lowestTop, kept, mayPassBy, shared: sharedByAny } = bound.operands[o]!;
        return {
          elements,
          lowestTop,
          shared: isShareKnown[o] === true ? shared : sharedByAny,
          kept,
          mayPassBy: mayPassBy && passes,
          traffic,
        };
      }),
    };
  };
}

/**
 * Where a window meets a border there are fewer elements than units, and past the lowest level units share otherwise:
 * sharing is bounded as for any tile.
 */
const knowsShare = ({ clipped }: BoundLayer, { name, windows }: BoundOperand): boolean =>
  name !== 'Y' && !(windows.length > 0 && clipped);

function partOf(
  hw: Accelerator,
  profile: Profile,
  bound: BoundLayer,
  axis: Axis | undefined,
  out: TileOutputs,
): Part {
  const isIn = (dim: LoopDim): boolean => AXIS[dim] === axis;
  const nest = tileNest(hw, profile, bound, out, isIn);
  const { iterations, steps, countOf } = nest;
  return {
    iterations,
    steps,
    along: { x: countOf('OX'), y: countOf('OY') },
    operands: bound.operands.map((operand, o): OperandPart => {
      const some = {
        ...operand,
        relevant: operand.relevant.filter(isIn),
        windows: operand.windows.filter((window) => isIn(window.out)),
      };
      return operandPart(profile, bound, some, nest, known(nest.loops[o], 'operand'));
    }),
  };
}

function operandPart(
  profile: Profile,
  bound: BoundLayer,
  operand: BoundOperand,
  { outputs, iterations, steps, countOf }: TileNest,
  loops: TileNest['loops'][number],
): OperandPart {
  const rounding = roundingOf(profile);
  const { perCycle, instances } = fanOutNumbers(operand, loops, rounding);
  const limits = limitsOf(bound, operand, outputs);
  return {
    elements: elementsOf(bound, operand, outputs),
    shared: operand.memories.map((_, a) => iterations / (steps * perCycle[a]! * instances[a + 1]!)),
    // Where it is not known how much of the map there is, nothing is known to pass.
    traffic: limits.includes(0) ? undefined : trafficOf(operand, loops, countOf, limits, rounding),
  };
}

/** Of the loops of both; they have no dim in common. Hot: for every tile size of every layer. */
function bothOf(one: Part, other: Part): Part {
  return {
    iterations: one.iterations * other.iterations,
    steps: one.steps * other.steps,
    along: { x: one.along.x * other.along.x, y: one.along.y * other.along.y },
    operands: one.operands.map((operand, o): OperandPart => {
      const { elements, shared, traffic } = other.operands[o]!;
      return {
        elements: operand.elements * elements,
        shared: operand.shared.map((iterations, a) => iterations * shared[a]!),
        traffic: operand.traffic && traffic && trafficOfBoth(operand.traffic, traffic),
      };
    }),
  };
}

/**
 * Whether the second input of an elementwise layer may pass by the lowest level: not where both inputs and the output
 * have room for what the array works on at once, or for all of an output that may stay there (reference model, 4.4).
 */
function hasNoRoom(hw: Accelerator, profile: Profile, bound: BoundLayer, out: TileOutputs): boolean {
  const { operands } = bound;
  const memory = operands.find(({ name }) => name === 'Y')?.memories[0];
  if (memory === undefined) return false;
  const { loops, outputs, countOf } = tileNest(hw, profile, bound, out);
  const rounding = roundingOf(profile);
  const needs = operands.map((operand, o) => {
    const level = operand.memories.indexOf(memory);
    if (level < 0) return 0;
    const units = known(loops[o], 'operand').slice(0, level + 1);
    const once = mostElements(operand, units, () => 1, rounding);
    const widest = Math.max(operand.bits, operand.psumBits);
    const stays =
      operand.name === 'O' && elementsOf(bound, operand, outputs) * operand.bits <= memory.sizeBits;
    return widest * (stays ? mostElements(operand, units, countOf, rounding) : once);
  });
  return needs.reduce((sum, bits) => sum + bits, 0) > memory.sizeBits;
}

function remembered<T>(make: (size: number) => T): (size: number) => T {
  const bySize = new Map<number, T>();
  return (size) => {
    let made = bySize.get(size);
    if (made === undefined) bySize.set(size, (made = make(size)));
    return made;
  };
}
