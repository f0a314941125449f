/** Every golden file of the reference data, replayed through the ordinary pipeline in profile `reference-2023`. */
import { basename, join } from 'node:path';
import { goldenFiles, inputFolder } from '../../parity/golden.js';
import replay from '../../parity/replay.js';
import { describeWithReference } from '../support/reference.js';

describeWithReference('schedules of the published code', (reference) => {
  const folder = join(reference, 'golden');
  const inputs = {
    workloads: inputFolder(folder, 'workloads')!,
    accelerators: inputFolder(folder, 'accelerators')!,
  };

  test.each(goldenFiles(folder).map((path) => [basename(path), path]))('%s', async (_, path) => {
    const { misses, energyError, latencyError } = await replay({ path, inputs });
    expect(misses).toEqual([]);
    expect(energyError).toBeLessThanOrEqual(1e-9);
    expect(latencyError).toBe(0);
  });
});
