/** The sample in the README is what the main command prints. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROFILES } from '../../src/base/profile.js';
import { compile } from '../../src/compile.js';
import { loadAccelerator } from '../../src/node/builtin.js';
import { renderText } from '../../src/report/text.js';
import { projectFolder } from '../support/reference.js';

test('every line of the sample report stands in the report, in this order', async () => {
  const readme = readFileSync(join(projectFolder(), 'README.md'), 'utf8');
  const sample = /\(shortened\):\n\n```\n([\s\S]*?)\n```/.exec(readme)?.[1] ?? '';
  const file = join(projectFolder(), 'models/networks/fsrcnn.onnx');
  const { report } = await compile({
    source: { file, bytes: readFileSync(file) },
    hw: loadAccelerator('meta-proto-df').accelerator,
    profile: PROFILES.default,
    pipeline:
      'import-onnx,normalize-graph,infer-shapes,lower-layers,partition-stacks{by=auto},choose-tiles{tile=60x72 mode=fully-cached},tile-stacks,allocate-memory,annotate-cost',
  });
  const lines = renderText(report!).split('\n');
  const wanted = sample.split('\n').filter((line) => !/^\s*(\.\.\.)?$/.test(line));
  expect(wanted.length).toBeGreaterThan(40);
  let from = 0;
  for (const line of wanted) {
    const at = lines.indexOf(line, from);
    expect(at < 0 ? `not in the report: ${line}` : 'found').toBe('found');
    from = at + 1;
  }
});
