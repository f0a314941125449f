/** The summary: the front against its definition, the best points, and gains over the baselines. */
import fc from 'fast-check';
import { summaryText } from '../../../src/cli/explore-text.js';
import { summaryOf } from '../../../src/explore/summary.js';
import { evaluated, failed } from '../../support/explore-lines.js';

const costs = fc.array(
  fc.record({ energyPj: fc.integer({ min: 1, max: 12 }), latencyCycles: fc.integer({ min: 1, max: 12 }) }),
  { minLength: 1, maxLength: 40 },
);
const linesOf = (values: readonly { energyPj: number; latencyCycles: number }[]) =>
  values.map(({ energyPj, latencyCycles }, i) =>
    evaluated({ energyPj, latencyCycles, edp: energyPj * latencyCycles, tile: { x: i + 1, y: 1 } }),
  );

test('the front is what no other point beats in one without losing in the other', () => {
  fc.assert(
    fc.property(costs, (values) => {
      const lines = linesOf(values);
      const cost = (p: { energyPj: number; latencyCycles: number }): string =>
        `${p.energyPj}/${p.latencyCycles}`;
      const undominated = lines.filter((one) =>
        lines.every(
          (other) =>
            other.energyPj > one.energyPj ||
            other.latencyCycles > one.latencyCycles ||
            (other.energyPj === one.energyPj && other.latencyCycles === one.latencyCycles),
        ),
      );
      const [study] = summaryOf(lines, []).studies;
      expect(new Set(study?.front.map(cost))).toEqual(new Set(undominated.map(cost)));
      expect(study?.front).toHaveLength(new Set(undominated.map(cost)).size);
    }),
  );
});

test('the best point of each objective is the least of all', () => {
  fc.assert(
    fc.property(costs, (values) => {
      const lines = linesOf(values);
      const [study] = summaryOf(lines, []).studies;
      const least = (value: (line: (typeof lines)[number]) => number): number =>
        Math.min(...lines.map(value));
      expect(study?.best.map(({ point }) => [point.energyPj, point.latencyCycles, point.edp])).toEqual([
        [least((l) => l.energyPj), expect.anything(), expect.anything()],
        [expect.anything(), least((l) => l.latencyCycles), expect.anything()],
        [expect.anything(), expect.anything(), least((l) => l.edp)],
      ]);
    }),
  );
});

test('gains are over whole maps in the stacks of the baseline, among the lines or beside them', () => {
  const tile = { x: 'full', y: 'full' } as const;
  const layerByLayer = evaluated({ tile, energyPj: 40 });
  const singleLayer = evaluated({ tile, stacks: 'single-layer', energyPj: 90 });
  const [study] = summaryOf([evaluated(), layerByLayer], [singleLayer]).studies;
  expect(study).toMatchObject({ points: 2, evaluated: 2 });
  expect(study?.best[0]).toMatchObject({
    objective: 'energy',
    gain: { 'layer-by-layer': 4, 'single-layer': 9 },
  });
});

test('accelerators are summed up apart, and points without an answer are counted', () => {
  const other = evaluated({ accelerator: 'other', key: '1'.repeat(32), energyPj: 1 });
  const lines = [evaluated(), failed(evaluated({ tile: { x: 1, y: 1 } })), other];
  expect(summaryOf(lines, []).studies).toMatchObject([
    { accelerator: 'chip', points: 2, evaluated: 1, failed: 1, best: [{ point: { energyPj: 10 } }, {}, {}] },
    { accelerator: 'other', points: 1, best: [{ point: { energyPj: 1 } }, {}, {}] },
  ]);
  expect(summaryOf([failed(evaluated())], []).studies).toMatchObject([{ best: [], front: [] }]);
});

test('where energies are 0, gains are numbers, and nothing is once as much as nothing', () => {
  const free = { energyPj: 0, edp: 0 };
  const whole = evaluated({ ...free, latencyCycles: 30, tile: { x: 'full', y: 'full' } });
  const costly = evaluated({ energyPj: 5, tile: { x: 'full', y: 'full' }, stacks: 'single-layer' });
  const summary = summaryOf([evaluated({ ...free, latencyCycles: 20 }), whole], [costly]);
  const gains = summary.studies[0]?.best.map(({ gain }) => gain);
  expect(JSON.parse(JSON.stringify(gains))).toEqual([
    { 'layer-by-layer': 1, 'single-layer': Number.MAX_VALUE },
    { 'layer-by-layer': 1.5, 'single-layer': 1 },
    { 'layer-by-layer': 1, 'single-layer': Number.MAX_VALUE },
  ]);
  const text = summaryText(summary, (line) => line);
  expect(text).toMatch(/^least energy .* equal +-100\.0 %$/m);
  expect(text).toMatch(/^least latency .* -33\.3 % +equal$/m);
});

test('what takes more than a baseline says by how much', () => {
  const whole = evaluated({ energyPj: 8, tile: { x: 'full', y: 'full' }, stacks: 'single-layer' });
  const text = summaryText(summaryOf([evaluated()], [whole]), (line) => line);
  expect(text).toMatch(/^least energy .* \+25\.0 %$/m);
});
