/** Instruments one by one: what they print, freeze, reject and measure. */
import type { PartialIR } from '../../../src/ir/facets.js';
import { diagnostic } from '../../../src/diag/diagnostic.js';
import { InternalError } from '../../../src/base/assert.js';
import { deepFreeze } from '../../../src/base/freeze.js';
import { freezing } from '../../../src/pass/instrument/freeze.js';
import { printing, type PrintOptions } from '../../../src/pass/instrument/print.js';
import { timing, type PassTime } from '../../../src/pass/instrument/timing.js';
import { verifying, type Verifiers } from '../../../src/pass/instrument/verify.js';
import type { PassEvent } from '../../../src/pass/manager.js';
import type { Diagnostic } from '../../../src/diag/diagnostic.js';
import { fakePass } from '../../support/fake-passes.js';

const cut = fakePass('acme/cut', ['layers'], 'stacks');
const ir = (by: string): PartialIR => ({ name: 'x', stacks: { by, stacks: [] } });
const event = (by: string): PassEvent => ({ index: 3, pass: cut, ir: ir(by) });

describe('printing', () => {
  const NOTHING: PrintOptions = {
    before: [],
    after: [],
    afterAll: false,
    afterChange: false,
    afterFailure: false,
  };
  const printed = (options: Partial<PrintOptions>, by: string, previous: string): readonly string[] => {
    const out: string[] = [];
    const instrument = printing(
      { ...NOTHING, ...options },
      ({ file, banner, ir: dumped }) => out.push(`${file} | ${banner} | ${dumped.stacks?.by ?? ''}`),
      (dumped) => dumped.stacks?.by ?? '',
    );
    instrument.before?.(event(previous));
    instrument.after?.({ ...event(by), previous: ir(previous) }, () => undefined);
    instrument.failed?.(event(previous));
    return out;
  };

  test('nothing unless asked', () => {
    expect(printed({}, 'b', 'a')).toEqual([]);
    expect(printed({ before: ['cut'], after: ['other'] }, 'b', 'a')).toEqual([]);
  });

  test('file names carry position and pass, banners say when', () => {
    expect(printed({ before: ['acme/cut'], after: ['acme/cut'], afterFailure: true }, 'b', 'a')).toEqual([
      '03-acme.cut.before | ;; before 3 acme/cut | a',
      '03-acme.cut | ;; after 3 acme/cut | b',
      '03-acme.cut.failed | ;; last good IR before the failed 3 acme/cut | a',
    ]);
    expect(printed({ afterAll: true }, 'a', 'a')).toHaveLength(1);
  });

  test('after-change compares dumps, not objects', () => {
    expect(printed({ afterChange: true }, 'b', 'a')).toHaveLength(1);
    expect(printed({ afterChange: true }, 'a', 'a')).toEqual([]);
  });
});

test('freezing reaches every part, shared and deep ones too', () => {
  const shared = { leaf: [1, 2] };
  const made = { by: 'x', stacks: [shared, shared] } as never;
  freezing.after?.(
    { index: 1, pass: cut, ir: { name: 'x', stacks: made }, previous: { name: 'x' } },
    () => undefined,
  );
  expect(() => shared.leaf.push(3)).toThrow(TypeError);

  let chain: object = {};
  for (let i = 0; i < 100_000; i++) chain = { next: chain };
  deepFreeze(chain); // no recursion, no overflow
  expect(Object.isFrozen(chain)).toBe(true);
});

describe('verifying', () => {
  const fine = () => [];
  const all: Verifiers = {
    graph: fine,
    shapes: fine,
    layers: fine,
    stacks: fine,
    tiles: fine,
    allocs: fine,
    costs: fine,
  };
  const verified = (verifiers: Verifiers, when: 'each' | 'end'): readonly Diagnostic[] => {
    const found: Diagnostic[] = [];
    const report = (d: Diagnostic): void => void found.push(d);
    const instrument = verifying(verifiers, when);
    instrument.after?.({ ...event('b'), previous: ir('a') }, report);
    instrument.end?.(ir('b'), report);
    return found;
  };

  test('blames the pass by name, then says what is broken', () => {
    const stacks = () => [diagnostic('DF9001', 'layers out of order')];
    expect(verified({ ...all, stacks }, 'each')).toMatchObject([
      { code: 'DF9002', message: 'verifier rejected the output of acme/cut' },
      { message: 'layers out of order' },
    ]);
    expect(verified({ ...all, stacks }, 'end')).toMatchObject([
      { code: 'DF9002', message: 'verifier rejected the final IR' },
      { message: 'layers out of order' },
    ]);
  });

  test('looks at the facet just made, or in the end at those there are', () => {
    const never = (): never => {
      throw new Error('called');
    };
    expect(verified({ ...all, layers: never, costs: never }, 'each')).toEqual([]);
    expect(verified({ ...all, layers: never, costs: never }, 'end')).toEqual([]);
  });

  test('notes reject nothing', () => {
    const stacks = () => [diagnostic('DF1008', 'quirk', [], { severity: 'note' })];
    expect(verified({ ...all, stacks }, 'each').map(({ severity }) => severity)).toEqual(['note']);
  });

  test('a verifier that stumbles over the IR has found something; a broken verifier has not', () => {
    const stumbles = () => {
      throw new InternalError('missing layer @x');
    };
    expect(verified({ ...all, stacks: stumbles }, 'each')).toMatchObject([
      { code: 'DF9002' },
      { code: 'DF9002', message: 'verification stopped: missing layer @x' },
    ]);
    const broken = () => {
      throw new TypeError('undefined');
    };
    expect(() => verified({ ...all, stacks: broken }, 'each')).toThrow(TypeError);
  });
});

test('timing measures from before to after, by the clock it is given', () => {
  const times: PassTime[] = [];
  let now = 100;
  const clock = timing(() => now, times);
  clock.before?.(event('a'));
  now = 107.5;
  clock.after?.({ ...event('b'), previous: ir('a') }, () => undefined);
  expect(times).toEqual([{ index: 3, pass: 'acme/cut', milliseconds: 7.5 }]);
});
