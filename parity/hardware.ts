/** Accelerator JSON of the published code as an accelerator of ours: I1 is I, I2 is W; tl, th, fl, fh are directions. */
import { readFileSync } from 'node:fs';
import { memoryId } from '../src/base/ids.js';
import type { Accelerator, ArrayDim } from '../src/hw/accelerator.js';
import type { Memory, MemoryOperand, Port } from '../src/hw/memory.js';

interface ReferenceMemory {
  readonly name: string;
  readonly size_bits: number;
  readonly r_bw_bits: number;
  readonly w_bw_bits: number;
  readonly r_cost_pJ_per_word: number;
  readonly w_cost_pJ_per_word: number;
  readonly r_port: number;
  readonly w_port: number;
  readonly rw_port: number;
  readonly latency: number;
  readonly min_r_granularity_bits: number;
  readonly min_w_granularity_bits: number;
  readonly operands: readonly string[];
  readonly port_alloc: readonly Readonly<Record<'tl' | 'th' | 'fl' | 'fh', string | null>>[];
  readonly served_dimensions: readonly (readonly string[])[];
}

interface ReferenceFile {
  readonly accelerator: string;
  readonly array_dimensions: Readonly<Record<string, number>>;
  readonly mac_energy_pJ: number;
  readonly memories: readonly ReferenceMemory[];
}

const OPERAND: Readonly<Record<string, MemoryOperand>> = { I1: 'I', I2: 'W', O: 'O' };
const DIRECTION = { tl: 'toLow', th: 'toHigh', fh: 'fromHigh', fl: 'fromLow' } as const;

/** Layers bring their own unrolling and precision; what the description does not say stays empty. */
export function readHardware(path: string): Accelerator {
  const file = JSON.parse(readFileSync(path, 'utf8')) as ReferenceFile;
  const dims = Object.entries(file.array_dimensions).map(([name, size]) => ({ name, size }));
  return {
    name: file.accelerator,
    source: path,
    array: { dims, macEnergyPj: file.mac_energy_pJ },
    precision: { W: 8, I: 8, O: 8, psum: 16 },
    spatial: dims.map((dim) => ({ array: dim.name, dims: [] })),
    memories: file.memories.map((memory, index) => toMemory(memory, index, file, dims)),
  };
}

function toMemory(m: ReferenceMemory, index: number, file: ReferenceFile, dims: readonly ArrayDim[]): Memory {
  const served = m.served_dimensions.flat();
  return {
    id: memoryId(m.name),
    name: m.name,
    sizeBits: m.size_bits,
    operands: m.operands.map((operand) => OPERAND[operand]!),
    serves: dims.map(({ name }) => name).filter((dim) => served.includes(dim)),
    read: { bits: m.r_bw_bits, granularityBits: m.min_r_granularity_bits, energyPj: m.r_cost_pJ_per_word },
    write: { bits: m.w_bw_bits, granularityBits: m.min_w_granularity_bits, energyPj: m.w_cost_pJ_per_word },
    ports: toPorts(
      m,
      (operand) => !file.memories.slice(index + 1).some((above) => above.operands.includes(operand)),
    ),
    latencyCycles: m.latency,
  };
}

/** Nothing passes above the top memory, so its ports from and to high, present in the reference, are left out. */
function toPorts(m: ReferenceMemory, isTop: (operand: string) => boolean): readonly Port[] {
  const kinds = [
    { kind: 'read', prefix: 'r', count: m.r_port },
    { kind: 'write', prefix: 'w', count: m.w_port },
    { kind: 'read-write', prefix: 'rw', count: m.rw_port },
  ] as const;
  return kinds.flatMap(({ kind, prefix, count }) =>
    Array.from({ length: count }, (_, i) => ({
      name: `${prefix}${i + 1}`,
      kind,
      transfers: m.operands.flatMap((operand, position) =>
        (Object.keys(DIRECTION) as (keyof typeof DIRECTION)[])
          .filter((short) => m.port_alloc[position]?.[short] === `${prefix}_port_${i + 1}`)
          .filter((short) => !(isTop(operand) && (short === 'th' || short === 'fh')))
          .map((short) => ({ operand: OPERAND[operand]!, direction: DIRECTION[short] })),
      ),
    })),
  );
}
