/**
 * Cycles of a layer in one tile by what passes the ports of its memories on the way to where its data lies (formula 12 of
 * docs/lower-bound.md): a port is busy with all that passes it, what the array takes and leaves included.
 */
import { known } from '../base/assert.js';
import { instancesOf, type Accelerator } from '../hw/accelerator.js';
import { sideFor, type Direction, type Memory, type MemoryOperand } from '../hw/memory.js';
import type { TileOperand } from '../ir/layer-tile.js';
import { portKey, type ArrayPorts } from './array-ports.js';

/** One end of a hop between neighbouring memories. */
interface End {
  readonly port: number;
  /** Through one instance, of bits that divide over all. */
  readonly cyclesPerBit: number;
}

interface Hop {
  readonly below: End;
  readonly above: End;
  /** Bits that the memory below holds: of the output, the last transfer has no more. */
  readonly belowBits: number;
  /** Of the output: off-loading counts the hop even where another follows, for both take one port. */
  readonly waits: boolean;
}

/** The hops of an operand, bottom up, and what they carry. */
interface Route {
  readonly path: MemoryOperand;
  readonly hops: readonly Hop[];
  /** Hops that may be left out: a second input may pass by the lowest memory. */
  readonly skipped: number;
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
    cyclesPerBit: 1 / (sideFor(memory, direction).bits * instancesOf(hw, memory)),
  });
  const routes = operands.map(({ name, path, levels }): Route => {
    const memories = levels.map((index) => known(hw.memories[index], 'memory'));
    const isOutput = name === 'O';
    const hops = memories.slice(1).map((above, i): Hop => {
      const below = known(memories[i], 'memory');
      const arrives = endOf(above, path, isOutput ? 'fromLow' : 'toLow');
      const leaves = endOf(below, path, isOutput ? 'toHigh' : 'fromHigh');
      const goesOn = isOutput && i + 2 < memories.length ? endOf(above, path, 'toHigh').port : -1;
      const belowBits = below.sizeBits * instancesOf(hw, below);
      return { below: leaves, above: arrives, belowBits, waits: goesOn === arrives.port };
    });
    return { path, hops, skipped: name === 'Y' ? 1 : 0 };
  });
  return { routes, arrayPorts: arrayPorts.map(({ key }) => numberOf(key)), ports: numbers.size };
}

/** What one tile moves. */
export interface TileLoads {
  readonly routes: PortRoutes;
  /** By port at the array: cycles of what passes between it and the lowest memories. */
  readonly array: readonly number[];
  /** By operand: bits of all its elements, each once. */
  readonly bits: readonly number[];
  readonly computeCycles: number;
}

/**
 * Adds two cases to a table of cycles: weights stay where they are, or come from the top memory; of each the least of
 * all tops that the output may have, then by its top. `tops`: per operand, positions of the lowest tops there may be;
 * one of these choices, or higher.
 *
 * On-loading counts the first transfers of streamed inputs, or of weights: never of both, but whichever takes longer.
 * Hot core: plain numbers, for every tile size of every layer.
 */
export function addCycles(table: number[], loads: TileLoads, tops: readonly (readonly number[])[]): void {
  const { ports, routes, arrayPorts } = loads.routes;
  const output = known(routes[0], 'output');
  const cases = output.hops.length + 2;
  const first = table.length;
  for (let i = 0; i < 2 * cases; i++) table.push(Infinity);
  for (const choice of tops) {
    const streamed = new Float64Array(ports);
    for (let p = 0; p < arrayPorts.length; p++) streamed[arrayPorts[p]!] = loads.array[p]!;
    const weights = streamed.slice();
    for (let o = 1; o < routes.length; o++) {
      const route = routes[o]!;
      if (route.path === 'I') addInput(streamed, route, loads.bits[o]!, choice[o]!);
      else addInput(weights, route, loads.bits[o]!, route.hops.length);
    }
    for (let top = 0; top < cases - 1; top++) {
      const stay = Math.max(loads.computeCycles, busiest(streamed, output, loads.bits[0]!, top));
      const brought = Math.max(stay, busiest(weights, output, loads.bits[0]!, top));
      lower(table, first, 1 + top, top >= choice[0]!, stay);
      lower(table, first + cases, 1 + top, top >= choice[0]!, brought);
      // From here on the hop to this top is not the last one any more.
      if (top > 0) {
        addOutput(streamed, output.hops[top - 1]!, loads.bits[0]!);
        addOutput(weights, output.hops[top - 1]!, loads.bits[0]!);
      }
    }
  }
}

function lower(table: number[], first: number, at: number, mayBe: boolean, cycles: number): void {
  table[first + at] = Math.min(table[first + at]!, cycles);
  if (mayBe) table[first] = Math.min(table[first]!, cycles);
}

function addInput(cycles: Float64Array, { hops, skipped }: Route, bits: number, top: number): void {
  for (let a = skipped; a < top; a++) {
    const { below, above } = hops[a]!;
    cycles[below.port]! += bits * below.cyclesPerBit;
    cycles[above.port]! += bits * above.cyclesPerBit;
  }
}

/** The last transfer of a hop that others hide is not counted. */
function addOutput(cycles: Float64Array, { below, above, belowBits, waits }: Hop, bits: number): void {
  const counted = waits ? bits : Math.max(0, bits - belowBits);
  cycles[below.port]! += counted * below.cyclesPerBit;
  cycles[above.port]! += counted * above.cyclesPerBit;
}

/** Cycles of the busiest port with the last hop of the output, to its top, in full. */
function busiest(cycles: Float64Array, { hops }: Route, bits: number, top: number): number {
  const last = top > 0 ? hops[top - 1]! : undefined;
  let most = 0;
  for (let p = 0; p < cycles.length; p++) {
    let all = cycles[p]!;
    if (last?.below.port === p) all += bits * last.below.cyclesPerBit;
    if (last?.above.port === p) all += bits * last.above.cyclesPerBit;
    most = Math.max(most, all);
  }
  return most;
}
