/** Schemas of options live no longer than the pass that declares them: programs make plugins call by call. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { OptionSchema } from '../../../src/pass/pass.js';
import { createRegistry, optionFaults, resolvePipeline } from '../../../src/pass/registry.js';
import { parsePipeline } from '../../../src/pass/spec.js';
import { fakePass } from '../../support/fake-passes.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Checked and used as a plugin's pass is, and let go of. */
function usedOnce(): WeakRef<OptionSchema> {
  const size: OptionSchema = { type: 'integer', default: 1, description: 'a size' };
  const pass = fakePass('sized', [], 'graph', { options: { size } });
  expect(optionFaults(pass)).toEqual([]);
  expect(resolvePipeline(createRegistry([pass], []), parsePipeline('sized{size=2}'))[0]?.options).toEqual({
    size: 2,
  });
  return new WeakRef(size);
}

test('nothing keeps the schema of an option', async () => {
  const schema = usedOnce();
  // A reference that has just been made is held until the turn ends.
  await new Promise((resolve) => setTimeout(resolve, 0));
  collect();
  expect(schema.deref()).toBeUndefined();
});
