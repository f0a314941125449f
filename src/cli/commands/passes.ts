/** `defines passes`: what there is to write into a pipeline. */
import { REGISTRY } from '../../compile.js';
import type { AnyPass, OptionSchema } from '../../pass/pass.js';
import { parsePipeline, printPipeline } from '../../pass/spec.js';
import { wrap } from '../../report/text-table.js';
import type { Run } from '../command.js';

export const passesCommand: Run = () => {
  const passes = REGISTRY.passes.flatMap((pass) => ['', ...describePass(pass)]);
  const pipelines = REGISTRY.pipelines.flatMap(({ name, summary, spec }) => {
    const words = parsePipeline(spec).map((pass) => printPipeline([pass]));
    return ['', `  ${name}: ${summary}`, ...wrap('    ', words, ',')];
  });
  return { text: ['passes', ...passes, '', 'pipelines', ...pipelines, ''].join('\n'), diagnostics: [] };
};

function describePass(pass: AnyPass): readonly string[] {
  const needs = (pass.needs as readonly string[]).join(' ');
  const options = Object.entries(pass.options as Readonly<Record<string, OptionSchema>>);
  return [
    `  ${pass.name}: ${pass.summary}`,
    `    needs ${needs === '' ? 'the file' : needs}, makes ${pass.makes}`,
    ...options.flatMap(([key, schema]) =>
      wrap(`    ${key}=${values(schema)}  `, schema.description.split(' ')),
    ),
  ];
}

/** The default first: `[full]`, or `[auto] single-layer one`. */
function values({ default: standard, enum: words }: OptionSchema): string {
  const first = Array.isArray(standard) ? standard.join(',') : String(standard);
  const others = words?.map(String).filter((word) => word !== first) ?? [];
  return [`[${first}]`, ...others].join(' ');
}
