/** An accelerator of which only a part of some memories may be used: capacities shrink, all else stays. */
import { sizeText } from '../base/units.js';
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import type { Accelerator } from './accelerator.js';

export interface MemoryLimit {
  readonly name: string;
  /** Of one instance. */
  readonly sizeBits: number;
}

export interface Limited {
  readonly accelerator: Accelerator;
  /** One note per memory: the numbers of the report are those of the part. */
  readonly diagnostics: readonly Diagnostic[];
}

export function limitMemories(hw: Accelerator, limits: readonly MemoryLimit[]): Limited {
  const limitOf = (name: string, sizeBits: number): number =>
    Math.min(sizeBits, limits.find((limit) => limit.name === name)?.sizeBits ?? Infinity);
  const memories = hw.memories.map((memory) => ({
    ...memory,
    sizeBits: limitOf(memory.name, memory.sizeBits),
  }));
  return {
    accelerator: { ...hw, memories },
    diagnostics: hw.memories.flatMap(({ name, sizeBits }) => {
      const limit = limitOf(name, sizeBits);
      if (limit === sizeBits) return [];
      return [
        diagnostic(
          'DF3053',
          `of ${name} at most ${sizeText(limit)} of ${sizeText(sizeBits)} are used, as asked`,
        ),
      ];
    }),
  };
}
