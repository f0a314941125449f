/**
 * Links: the transfers of one operand at one memory, each through one physical port (cost-model.md 6.7). Which links
 * exist is fixed by the layer; how long their transfers take, and how long they may take, depends on the mapping.
 */
import { known } from '../base/assert.js';
import { portFor, sideFor, type Direction, type Port } from '../hw/memory.js';
import type { DoubleBuffered } from './double-buffer.js';
import { elementBits, type LayerTileModel, type OperandModel } from './model.js';
import { isPartial, outermostRun, walk, type Placement } from './placement.js';

export interface Link {
  readonly operand: number;
  /** The boundary whose data it carries. */
  readonly boundary: number;
  readonly direction: Direction;
  /** Index of the memory in the accelerator. */
  readonly memory: number;
  readonly port: Port;
  readonly widthBits: number;
}

/** All links: operands in equation order, boundaries bottom up. */
export function linksOf(model: LayerTileModel): readonly Link[] {
  return model.operands.flatMap((operand, index) =>
    operand.levels.flatMap((_, a) => {
      const below: readonly Direction[] =
        a === 0 ? [] : operand.isOutput ? ['toHigh', 'fromHigh'] : ['fromHigh'];
      const above: readonly Direction[] = operand.isOutput ? ['toLow', 'fromLow'] : ['toLow'];
      return [
        ...below.map((direction) => linkAt(operand, index, a, a - 1, direction)),
        ...above.map((direction) => linkAt(operand, index, a, a, direction)),
      ];
    }),
  );
}

function linkAt(
  model: OperandModel,
  operand: number,
  boundary: number,
  level: number,
  direction: Direction,
): Link {
  const memory = known(model.memories[level], 'memory');
  return {
    operand,
    boundary,
    direction,
    memory: known(model.levels[level], 'level'),
    port: known(
      portFor(memory, model.operand.path, direction),
      `port of ${memory.name} for ${model.operand.path}.${direction}`,
    ),
    widthBits: sideFor(memory, direction).bits,
  };
}

/** By link, what one placement makes of it. */
export interface LinkCycles {
  /** Cycles of one transfer, and cycles it may take without holding up the array. */
  readonly real: Float64Array;
  readonly allowed: Float64Array;
  /** Cycles from one transfer to the next, and number of transfers: 0 for a link that is not used. */
  readonly period: Float64Array;
  readonly count: Float64Array;
}

export const emptyLinkCycles = ({ length }: readonly Link[]): LinkCycles => ({
  real: new Float64Array(length),
  allowed: new Float64Array(length),
  period: new Float64Array(length),
  count: new Float64Array(length),
});

/** Fills `cycles` for a placement. */
export function setLinkCycles(
  model: LayerTileModel,
  links: readonly Link[],
  placement: Placement,
  doubleBuffered: DoubleBuffered,
  cycles: LinkCycles,
): void {
  const busiest = model.operands.map(({ busiest }, op) => {
    const below = placement.below[op]!;
    const content = new Float64Array(below.length);
    walk(busiest.contents, placement.order, below, content);
    return content;
  });
  for (let i = 0; i < links.length; i++) {
    const link = links[i]!;
    const { operand: op, boundary: a } = link;
    const operand = model.operands[op]!;
    const below = placement.below[op]!;
    const partial = isPartial(operand, placement, below, a);
    const period = placement.inner[below[a]!]!;
    // Without a second buffer, new data may arrive only while the outermost loops of the level use the old again.
    const reuse = outermostRun(operand.irrelevant, placement, below, a);
    cycles.real[i] = transferCycles(model, link, busiest[op]![a]!, partial);
    cycles.allowed[i] = doubleBuffered[op]![a] === 1 ? period : Math.floor(period / reuse);
    cycles.period[i] = period;
    cycles.count[i] = isUsed(model, link, partial) ? placement.outer[below[a]!]! : 0;
  }
}

/** Cycles of one transfer of a content of `held` elements, in the busiest instance. */
export function transferCycles(
  { operands, rounding }: LayerTileModel,
  { operand, boundary, direction, widthBits }: Link,
  held: number,
  partial: boolean,
): number {
  const { fanOut } = operands[operand]!.busiest;
  const isLow = direction === 'toLow' || direction === 'fromLow';
  const amount = isLow ? held * fanOut.perCycle[boundary]! : held;
  return rounding.ceil((amount * elementBits(operands[operand]!, partial)) / widthBits);
}

/** Output travels down only where its sums are unfinished. */
export const isUsed = (
  { operands }: LayerTileModel,
  { operand, direction }: Link,
  partial: boolean,
): boolean => !operands[operand]!.isOutput || partial || direction === 'toHigh' || direction === 'fromLow';
