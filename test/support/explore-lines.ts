/** Lines of explorations made up for tests: everything plausible, the rest as given. */
import type { EvaluatedLine, PointLine } from '../../src/explore/line.js';

export const evaluated = (changes: Partial<EvaluatedLine> = {}): EvaluatedLine => ({
  schema: 'defines-explore/1',
  key: '0'.repeat(32),
  model: 'net',
  accelerator: 'chip',
  profile: 'default',
  lpfLimit: 6,
  dims: {},
  precision: {},
  stacks: 'auto',
  mode: 'fully-cached',
  tile: { x: 4, y: 8 },
  status: 'evaluated',
  energyPj: 10,
  latencyCycles: 20,
  edp: 200,
  macs: 1,
  recomputedMacs: 0,
  latency: { compute: 20, stall: 0, onload: 0, offload: 0, copy: 0 },
  energy: { mac: 1, memory: { dram: { W: 9, I: 0, O: 0, copy: 0 } } },
  ...changes,
});

/** The same point without an answer. */
export function failed(line: EvaluatedLine): PointLine {
  const { schema, key, model, accelerator, profile, lpfLimit, dims, precision, stacks, mode, tile } = line;
  return {
    ...{ schema, key, model, accelerator, profile, lpfLimit, dims, precision, stacks, mode, tile },
    status: 'failed',
    energyPj: null,
    latencyCycles: null,
    diagnostics: [{ code: 'DF8204', message: 'a mapping search died twice' }],
  };
}
