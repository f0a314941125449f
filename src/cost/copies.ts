/**
 * Energy and latency of data copies (reference model, 5.2 and 5.3). A copy travels hop by hop between
 * adjacent levels of a memory path; copies of one step start together and contend for ports.
 */
import { known } from '../base/assert.js';
import { perObject } from '../base/bounded-map.js';
import type { MemoryId } from '../base/ids.js';
import { levelsOf, type Accelerator } from '../hw/accelerator.js';
import { portFor, type AccessSide, type Direction, type Memory, type MemoryOperand } from '../hw/memory.js';
import type { CopyStep, DataCopy } from '../ir/alloc.js';
import type { CopyCost, CopyStepCost } from '../ir/cost.js';

/** One hop, as memory indices and the path operand whose ports it uses. */
interface Hop {
  readonly operand: MemoryOperand;
  readonly from: number;
  readonly to: number;
}

export function copyStepCost(hw: Accelerator, step: CopyStep): CopyStepCost {
  const ports = new Map<string, Busy>();
  const copies = step.copies.map((copy) => copyCost(hw, copy, ports));
  const latencyCycles = [...ports.values()].reduce((latest, port) => Math.max(latest, portLatency(port)), 0);
  const energyPj = copies.reduce((sum, copy) => sum + copy.energyPj, 0);
  return { before: step.before, copies, energyPj, latencyCycles };
}

/** Busy intervals of one physical port: only these sums matter. */
interface Busy {
  intervals: number;
  cycles: number;
  start: number;
  end: number;
}

/** One interval ends when it ends; several are served one after another, but never before the last end. */
const portLatency = (port: Busy): number =>
  port.intervals === 1 ? port.end : Math.max(port.end, port.start + port.cycles);

function occupy(ports: Map<string, Busy>, port: string, start: number, cycles: number): void {
  const busy = ports.get(port) ?? { intervals: 0, cycles: 0, start: Infinity, end: 0 };
  busy.intervals += 1;
  busy.cycles += cycles;
  busy.start = Math.min(busy.start, start);
  busy.end = Math.max(busy.end, start + cycles);
  ports.set(port, busy);
}

function copyCost(hw: Accelerator, copy: DataCopy, ports: Map<string, Busy>): CopyCost {
  const energy = new Map<MemoryId, number>();
  let [clock, energyPj] = [0, 0];
  for (const { sender, receiver, readPort, writePort } of routeOf(hw, copy)) {
    const read = accessEnergyPj(sender.read, copy.bits);
    const write = accessEnergyPj(receiver.write, copy.bits);
    const cycles = Math.max(
      Math.ceil(copy.bits / sender.read.bits),
      Math.ceil(copy.bits / receiver.write.bits),
    );
    occupy(ports, readPort, clock, cycles);
    occupy(ports, writePort, clock, cycles);
    energy.set(sender.id, (energy.get(sender.id) ?? 0) + read);
    energy.set(receiver.id, (energy.get(receiver.id) ?? 0) + write);
    energyPj += read + write;
    clock += cycles;
  }
  const energyByMemory = [...energy].map(([memory, pj]) => ({ memory, energyPj: pj }));
  return {
    why: copy.why,
    map: copy.map,
    bits: copy.bits,
    from: copy.from.memory,
    to: copy.to.memory,
    energyPj,
    energyByMemory,
  };
}

/** A hop with the memories and ports it uses. */
interface RouteHop {
  readonly sender: Memory;
  readonly receiver: Memory;
  readonly readPort: string;
  readonly writePort: string;
}

/** Few routes occur on an accelerator, again and again. */
const routesOn = perObject<Map<string, readonly RouteHop[]>>(() => new Map());

function routeOf(hw: Accelerator, { from, to }: DataCopy): readonly RouteHop[] {
  const key = `${from.operand} ${from.memory} ${to.operand} ${to.memory}`;
  const routes = routesOn(hw);
  const found = routes.get(key);
  if (found) return found;
  const route = copyPath(hw, { from, to }).map((hop): RouteHop => {
    const sender = known(hw.memories[hop.from], 'sender');
    const receiver = known(hw.memories[hop.to], 'receiver');
    const up = hop.to > hop.from;
    return {
      sender,
      receiver,
      readPort: portOf(sender, hop.operand, up ? 'toHigh' : 'toLow'),
      writePort: portOf(receiver, hop.operand, up ? 'fromLow' : 'fromHigh'),
    };
  });
  routes.set(key, route);
  return route;
}

/** Words of the smallest granularity, each paid in proportion to the full width. */
const accessEnergyPj = ({ bits, granularityBits, energyPj }: AccessSide, copiedBits: number): number =>
  Math.ceil(copiedBits / granularityBits) * (granularityBits / bits) * energyPj;

/**
 * The hops of a copy. Between paths it goes up to the lowest memory both share at or above the two ends, and
 * down from there. Intermediate memories are written and read.
 */
export function copyPath(hw: Accelerator, { from, to }: Pick<DataCopy, 'from' | 'to'>): readonly Hop[] {
  const index = (id: MemoryId): number => hw.memories.findIndex((memory) => memory.id === id);
  const [source, target] = [index(from.memory), index(to.memory)];
  if (from.operand === to.operand) return along(hw, from.operand, source, target);
  const targetLevels = levelsOf(hw, to.operand);
  const shared = levelsOf(hw, from.operand).find(
    (m) => m >= source && m >= target && targetLevels.includes(m),
  );
  const turn = known(shared, 'memory shared by two paths');
  return [...along(hw, from.operand, source, turn), ...along(hw, to.operand, turn, target)];
}

function along(hw: Accelerator, operand: MemoryOperand, source: number, target: number): readonly Hop[] {
  const [low, high] = [Math.min(source, target), Math.max(source, target)];
  const stops = levelsOf(hw, operand).filter((m) => m >= low && m <= high);
  const ordered = source <= target ? stops : stops.toReversed();
  return ordered.slice(1).map((to, i) => ({ operand, from: known(ordered[i], 'stop'), to }));
}

/**
 * The physical port of a transfer. Inputs have no ports of their own towards the top: going up they use the
 * output's where the memory has them, else the port that serves the opposite direction of travel.
 */
function portOf(memory: Memory, operand: MemoryOperand, direction: Direction): string {
  const opposite = { toHigh: 'toLow', fromLow: 'fromHigh', toLow: 'toHigh', fromHigh: 'fromLow' } as const;
  const port =
    portFor(memory, operand, direction) ??
    portFor(memory, 'O', direction) ??
    portFor(memory, operand, opposite[direction]);
  return `${memory.name} ${known(port?.name, `port of ${memory.name} for ${operand}.${direction}`)}`;
}
