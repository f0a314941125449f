/** What annotate-cost says about mappings that are the best found, and not proven the best there are. */
import { diagnostic, type Diagnostic } from '../../../src/diag/diagnostic.js';
import type { IR } from '../../../src/ir/facets.js';
import type { PassContext } from '../../../src/pass/pass.js';
import { PROFILES } from '../../../src/base/profile.js';
import { createMapper } from '../../../src/mapping/mapper.js';
import { annotateCost } from '../../../passes/annotate-cost.js';
import { scheduled, SMALL_HW } from '../../support/scheduled.js';

/** `gap` of the first mapping that is asked for; all others are proven. */
async function remarks(gap: number): Promise<readonly Diagnostic[]> {
  const { ir } = await scheduled();
  const search = createMapper(SMALL_HW, PROFILES.default, { lpfLimit: null });
  let asked = 0;
  const mapper: PassContext['mapper'] = (problem) => ({ ...search(problem), gap: asked++ === 0 ? gap : 0 });
  const found: Diagnostic[] = [];
  const context = {
    hw: SMALL_HW,
    profile: PROFILES.default,
    mapper,
    mappers: [{ name: 'energy', mapper }],
    diag: (...args: Parameters<typeof diagnostic>) => void found.push(diagnostic(...args)),
    stat: () => undefined,
    progress: () => undefined,
  } as unknown as PassContext;
  await annotateCost.run(ir as IR<'layers' | 'stacks' | 'tiles' | 'allocs'>, {}, context);
  return found;
}

test('DF6002: how many mappings are not proven, and how far they may be off', async () => {
  expect(await remarks(0)).toEqual([]);
  expect(await remarks(0.125)).toMatchObject([
    {
      code: 'DF6002',
      severity: 'warning',
      message: 'the mappings of 1 layer tiles are at most 13 % above the best',
    },
  ]);
});
