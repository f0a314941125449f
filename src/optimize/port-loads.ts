/**
 * Cycles of a layer in one tile by what passes the ports of its memories on the way to where its data lies (formula 12 of
 * docs/lower-bound.md): a port is busy with all that passes it, what the array takes and leaves included.
 */
import { known } from '../base/assert.js';
import type { Accelerator } from '../hw/accelerator.js';
import { sideFor, type Direction, type Memory, type MemoryOperand } from '../hw/memory.js';
import type { TileOperand } from '../ir/layer-tile.js';
import { portKey, type ArrayPorts } from './array-ports.js';
import type { Traffic } from './traffic.js';

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

export interface LoadedOperand {
  /** Of one element. */
  readonly bits: number;
  /** Then the lowest hop may be left out. */
  readonly mayPassBy: boolean;
  /** Absent: not known. */
  readonly traffic?: Traffic;
}

/** What one tile moves. */
export interface TileLoads {
  readonly routes: PortRoutes;
  /** By port at the array: cycles of what passes between it and the lowest memories. */
  readonly array: readonly number[];
  readonly operands: readonly LoadedOperand[];
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
  const { operands } = loads;
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
      if (route.path === 'I') addInput(streamed, route, operands[o]!, choice[o]!);
      else addInput(weights, route, operands[o]!, route.hops.length);
    }
    for (let top = 0; top < cases - 1; top++) {
      const stay = Math.max(loads.computeCycles, busiest(streamed, output, operands[0]!, top));
      const brought = Math.max(stay, busiest(weights, output, operands[0]!, top));
      lower(table, first, 1 + top, top >= choice[0]!, stay);
      lower(table, first + cases, 1 + top, top >= choice[0]!, brought);
      // From here on the hop to this top is not the last one any more.
      if (top > 0) {
        addOutput(streamed, output, operands[0]!, top - 1);
        addOutput(weights, output, operands[0]!, top - 1);
      }
    }
  }
}

function lower(table: number[], first: number, at: number, mayBe: boolean, cycles: number): void {
  table[first + at] = Math.min(table[first + at]!, cycles);
  if (mayBe) table[first] = Math.min(table[first]!, cycles);
}

function addInput(cycles: Float64Array, { hops }: Route, operand: LoadedOperand, top: number): void {
  for (let a = operand.mayPassBy ? 1 : 0; a < top; a++) addHop(cycles, hops[a]!, operand, a, 1);
}

/** `share`: of what passes the hop. */
function addHop(
  cycles: Float64Array,
  { below, above }: Hop,
  { bits, traffic }: LoadedOperand,
  a: number,
  share: number,
): void {
  if (traffic === undefined) return;
  const passing = traffic.hops[a]!;
  cycles[below.port]! += (share * passing.below * bits) / below.widthBits;
  cycles[above.port]! += (share * passing.above * bits) / above.widthBits;
}

/** The last transfer of a hop that others hide is not counted. */
function addOutput(cycles: Float64Array, { hops }: Route, output: LoadedOperand, a: number): void {
  const hop = hops[a]!;
  const bits = output.traffic ? output.traffic.hops[a]!.average * output.bits : 0;
  addHop(cycles, hop, output, a, hop.waits ? 1 : Math.max(0, 1 - hop.belowBits / bits));
}

/** Cycles of the busiest port with the last hop of the output, to its top, in full. */
function busiest(cycles: Float64Array, { hops }: Route, output: LoadedOperand, top: number): number {
  if (top === 0) return mostOf(cycles);
  const all = cycles.slice();
  addHop(all, hops[top - 1]!, output, top - 1, 1);
  return mostOf(all);
}

function mostOf(cycles: Float64Array): number {
  let most = 0;
  for (let p = 0; p < cycles.length; p++) most = Math.max(most, cycles[p]!);
  return most;
}
