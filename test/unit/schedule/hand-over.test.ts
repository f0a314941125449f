/** Which maps lie below the top while a stack runs, by the definition: made before, and read by this stack or later. */
import fc from 'fast-check';
import { memoryId, stackId, type LayerId } from '../../../src/base/ids.js';
import { loadAccelerator } from '../../../src/node/builtin.js';
import type { StackPlan } from '../../../src/ir/stack.js';
import { handOversOf } from '../../../src/schedule/hand-over.js';
import { hierarchyOf } from '../../../src/schedule/hierarchy.js';
import { networkArb } from '../../support/random-networks.js';
import { networkOf, square, type NetworkSpec } from '../../support/workloads.js';

const { accelerator: hw } = loadAccelerator('meta-proto-df');
const hierarchy = hierarchyOf(hw);
const MEMORIES = ['sram_64KB', 'sram_1MB_A', 'dram'];

const planOf = (cuts: readonly (readonly LayerId[])[], memories: readonly string[]): StackPlan => ({
  by: 'test',
  stacks: cuts.map((layers, i) => ({
    id: stackId(i),
    layers,
    tile: { x: 'full', y: 'full' },
    mode: 'fully-cached',
    handOver: memoryId(memories[i % memories.length]!),
  })),
});

test('random networks, cuts and memories', () => {
  const caseArb = fc.record({
    spec: networkArb,
    lengths: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
    memories: fc.array(fc.constantFrom(...MEMORIES), { minLength: 1, maxLength: 4 }),
  });
  fc.assert(
    fc.property(caseArb, ({ spec, lengths, memories }) => {
      const workload = networkOf(spec);
      const cuts: LayerId[][] = [];
      for (let start = 0; start < workload.layers.length;) {
        const length = lengths[cuts.length % lengths.length]!;
        cuts.push(workload.layers.slice(start, start + length).map(({ id }) => id));
        start += length;
      }
      const plan = planOf(cuts, memories);
      const handOvers = handOversOf(workload, plan, hierarchy);
      plan.stacks.forEach((stack, position) => {
        const later = plan.stacks.slice(position).flatMap(({ layers }) => layers);
        const read = workload.layers
          .filter(({ id }) => later.includes(id))
          .flatMap(({ inputs }) => inputs.flatMap(({ sources }) => sources.map(({ map }) => map)));
        const expected = plan.stacks.slice(0, position).flatMap(({ layers, handOver }) => {
          const { map } = workload.layers.find(({ id }) => id === layers.at(-1))!.output;
          return handOver !== memoryId('dram') && read.includes(map) ? [[map, handOver]] : [];
        });
        const found = handOvers[position]!;
        expect([...found.maps].map(([map, index]) => [map, hierarchy.memory(index).id])).toEqual(expected);
        expect(hierarchy.memory(found.output).id).toBe(stack.handOver);
      });
    }),
    { numRuns: 200, seed: 20230226 },
  );
});

test('5,000 stacks', () => {
  const nodes: NetworkSpec['nodes'] = Array.from({ length: 5_000 }, (_, i) => [
    `n${i}`,
    { op: 'conv', from: i === 0 ? 'in' : `n${i - 1}`, ...square(1) },
  ]);
  const workload = networkOf({ input: { width: 4, height: 4, channels: 1 }, nodes });
  const plan = planOf(
    workload.layers.map(({ id }) => [id]),
    ['dram'],
  );
  for (const { maps } of handOversOf(workload, plan, hierarchy)) expect(maps.size).toBe(0);
});
