/** `defines networks`: the built-in networks, a line each. */
import { grouped, sizeText } from '../../base/units.js';
import type { Diagnostic } from '../../diag/diagnostic.js';
import { builtinNetworks } from '../../node/builtin.js';
import { readModelFile } from '../../node/files.js';
import { left, right, table } from '../../report/text-table.js';
import type { Run } from '../command.js';
import { lowerModel } from '../lower-model.js';

export const networksCommand: Run = async () => {
  const rows: string[][] = [];
  const diagnostics: Diagnostic[] = [];
  for (const name of builtinNetworks()) {
    const model = await lowerModel({ source: readModelFile(name) });
    diagnostics.push(...model.diagnostics.filter(({ severity }) => severity === 'error'));
    const { layers, graph } = model.ir;
    const inputs = graph?.inputs.map(
      ({ shape }) => shape?.map((dim) => (dim.kind === 'fixed' ? dim.size : '?')).join('x') ?? '?',
    );
    const weightBits = layers?.layers.reduce((sum, layer) => sum + layer.weightBits, 0) ?? 0;
    rows.push([
      name,
      grouped(layers?.layers.length ?? 0),
      grouped(layers?.macs ?? 0),
      sizeText(weightBits),
      inputs?.join(', ') ?? '',
    ]);
  }
  const columns = [left('name'), right('layers'), right('MACs'), right('weights'), left('input')];
  return { text: `${table(columns, rows).join('\n')}\n`, diagnostics };
};
