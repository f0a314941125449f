/**
 * Cycles of a layer in one tile by what passes the ports of its memories on the way to where its data lies (formula 12 of
 * docs/lower-bound.md): a port is busy with all that passes it, what the array takes and leaves included.
 */
import { known } from '../base/assert.js';
import type { Accelerator } from '../hw/accelerator.js';
import { sideFor, type Direction, type Memory, type MemoryOperand } from '../hw/memory.js';
import type { TileOperand } from '../ir/layer-tile.js';
import { portKey, type ArrayPorts } from './array-ports.js';
import type { BoundLayer } from './bound-layer.js';
import type { LayerWork, OperandWork } from './layer-work.js';

/** One end of a hop between neighbouring memories. */
interface End {
  readonly port: number;
  readonly widthBits: number;
}

interface Hop {
  readonly below: End;
  readonly above: End;
  /** Bits that an instance of the memory below holds: of the output, the last transfer has no more. */
  readonly belowBits: number;
  /** Of the output: off-loading counts the hop even where another follows, for both take one port. */
  readonly waits: boolean;
}

/** The hops of an operand, bottom up, and what they carry. */
interface Route {
  readonly path: MemoryOperand;
  readonly hops: readonly Hop[];
}

export interface PortRoutes {
  readonly ports: number;
  /** By operand. */
  readonly routes: readonly Route[];
  /** By port at the array, its number here. */
  readonly arrayPorts: readonly number[];
}

export function portRoutesOf(
  hw: Accelerator,
  operands: readonly TileOperand[],
  arrayPorts: ArrayPorts,
): PortRoutes {
  const numbers = new Map<string, number>();
  const numberOf = (key: string): number => {
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  };
  const endOf = (memory: Memory, path: MemoryOperand, direction: Direction): End => ({
    port: numberOf(portKey(memory, path, direction)),
    widthBits: sideFor(memory, direction).bits,
  });
  const routes = operands.map(({ name, path, levels }): Route => {
    const memories = levels.map((index) => known(hw.memories[index], 'memory'));
    const isOutput = name === 'O';
    const hops = memories.slice(1).map((above, i): Hop => {
      const below = known(memories[i], 'memory');
      const arrives = endOf(above, path, isOutput ? 'fromLow' : 'toLow');
      const leaves = endOf(below, path, isOutput ? 'toHigh' : 'fromHigh');
      const goesOn = isOutput && i + 2 < memories.length ? endOf(above, path, 'toHigh').port : -1;
      return { below: leaves, above: arrives, belowBits: below.sizeBits, waits: goesOn === arrives.port };
    });
    return { path, hops };
  });
  return { routes, arrayPorts: arrayPorts.map(({ key }) => numberOf(key)), ports: numbers.size };
}

/** What one tile moves. */
export interface TileLoads {
  readonly bound: BoundLayer;
  readonly work: LayerWork;
  /** By port at the array: cycles of what passes between it and the lowest memories. */
  readonly array: readonly number[];
  readonly computeCycles: number;
}

/** Per operand, positions of the lowest tops there may be; one of these choices, or higher. */
type TopChoices = readonly (readonly number[])[];

/**
 * A table of cycles: where the input comes from outside the stack, and where it stays, by the tops there may be then. Of
 * both two parts in a row: weights stay where they are, or come from the top memory; of each the least of all tops that the
 * output may have, then by its top.
 */
export function cyclesTable(loads: TileLoads, outside: TopChoices, inside: TopChoices): readonly number[] {
  const output = outputCycles(loads);
  const table: number[] = [];
  addCycles(table, loads, output, outside);
  if (areSame(outside, inside)) return [...table, ...table];
  addCycles(table, loads, output, inside);
  return table;
}

const areSame = (some: TopChoices, others: TopChoices): boolean =>
  some.length === others.length && some.every((tops, c) => tops.every((top, o) => top === others[c]![o]));

/**
 * On-loading counts the first transfers of streamed inputs, or of weights: never of both, but whichever takes longer.
 * Hot core: plain numbers, for every tile size of every layer.
 */
function addCycles(
  table: number[],
  loads: TileLoads,
  output: readonly Float64Array[],
  tops: TopChoices,
): void {
  const { bound, work, array, computeCycles } = loads;
  const { ports, routes, arrayPorts } = bound.routes;
  const cases = output.length + 1;
  const first = table.length;
  for (let i = 0; i < 2 * cases; i++) table.push(Infinity);
  for (const choice of tops) {
    const streamed = new Float64Array(ports);
    for (let p = 0; p < arrayPorts.length; p++) streamed[arrayPorts[p]!] = array[p]!;
    const weights = streamed.slice();
    for (let o = 1; o < routes.length; o++) {
      const route = routes[o]!;
      const { bits } = bound.operands[o]!;
      const own = work.operands[o]!;
      if (route.path === 'I') addInput(streamed, route, bits, own, choice[o]!);
      else addInput(weights, route, bits, own, route.hops.length);
    }
    for (let top = 0; top < output.length; top++) {
      const stay = Math.max(computeCycles, busiest(streamed, output[top]!));
      const brought = Math.max(stay, busiest(weights, output[top]!));
      lower(table, first, 1 + top, top >= choice[0]!, stay);
      lower(table, first + cases, 1 + top, top >= choice[0]!, brought);
    }
  }
}

function lower(table: number[], first: number, at: number, mayBe: boolean, cycles: number): void {
  table[first + at] = Math.min(table[first + at]!, cycles);
  if (mayBe) table[first] = Math.min(table[first]!, cycles);
}

function addInput(
  cycles: Float64Array,
  { hops }: Route,
  bits: number,
  { mayPassBy, traffic }: OperandWork,
  top: number,
): void {
  if (traffic === undefined) return;
  for (let a = mayPassBy ? 1 : 0; a < top; a++) {
    const { below, above } = hops[a]!;
    cycles[below.port]! += (traffic.hops[a]!.below * bits) / below.widthBits;
    cycles[above.port]! += (traffic.hops[a]!.above * bits) / above.widthBits;
  }
}

/** By the top of the output, per port the cycles of all its transfers, less what may be hidden. */
function outputCycles({ bound, work }: TileLoads): readonly Float64Array[] {
  const { routes, ports } = bound.routes;
  const { hops } = known(routes[0], 'output');
  const { bits } = known(bound.operands[0], 'output');
  const { traffic } = known(work.operands[0], 'output');
  const byTop = [new Float64Array(ports)];
  for (let top = 1; top <= hops.length; top++) {
    const cycles = new Float64Array(ports);
    for (let a = 0; a < top && traffic; a++) {
      const { below, above } = hops[a]!;
      const passing = traffic.hops[a]!;
      const counted = (end: End): number => sharePassing(hops, a, end, top, passing.average * bits);
      cycles[below.port]! += (counted(below) * passing.below * bits) / below.widthBits;
      cycles[above.port]! += (counted(above) * passing.above * bits) / above.widthBits;
    }
    byTop.push(cycles);
  }
  return byTop;
}

/**
 * What counts at one end of a hop, of all that passes. The last transfer may be hidden, of no more than the memory below
 * holds; but then the one of the last hop, which carries as much at least, is not: it makes up for it where it takes
 * another port, as far as that is no faster.
 */
function sharePassing(hops: readonly Hop[], a: number, end: End, top: number, bits: number): number {
  const { belowBits, waits } = hops[a]!;
  if (a === top - 1 || waits) return 1;
  const last = hops[top - 1]!;
  const hidden = Math.min(1, belowBits / bits);
  if (end.port === last.below.port || end.port === last.above.port) return 1 - hidden;
  const slower = Math.min(last.below.widthBits, last.above.widthBits);
  return 1 - hidden * (1 - Math.min(1, end.widthBits / slower));
}

/** Cycles of the busiest port. */
function busiest(some: Float64Array, others: Float64Array): number {
  let most = 0;
  for (let p = 0; p < some.length; p++) most = Math.max(most, some[p]! + others[p]!);
  return most;
}
