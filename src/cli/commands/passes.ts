/** `defines passes`: what there is to write into a pipeline. */
import { valuesText } from '../../pass/option-text.js';
import { originText } from '../../pass/origin.js';
import type { AnyPass, OptionSchema } from '../../pass/pass.js';
import type { NamedPipeline, Registry } from '../../pass/registry.js';
import { parsePipeline, printPipeline } from '../../pass/spec.js';
import { wrap } from '../../report/text-table.js';
import type { Run } from '../command.js';
import { choiceOf } from '../options.js';
import { loadPlugins } from '../plugins.js';

interface PassesOptions {
  readonly plugin?: readonly string[];
  readonly diagnostics?: string;
}

export const passesCommand: Run<PassesOptions> = async (_args, { plugin, diagnostics }, terminal) => {
  choiceOf('--diagnostics', diagnostics, ['text', 'json'], 'text');
  const { registry } = await loadPlugins(plugin, terminal);
  const passes = registry.passes.flatMap((pass) => ['', ...describePass(pass, owner(registry, pass))]);
  const pipelines = registry.pipelines.flatMap((pipeline) => {
    const { name, summary, spec } = pipeline;
    const words = parsePipeline(spec).map((pass) => printPipeline([pass]));
    return ['', `  ${name}: ${summary}${owner(registry, pipeline)}`, ...wrap('    ', words, ',')];
  });
  return { text: ['passes', ...passes, '', 'pipelines', ...pipelines, ''].join('\n'), diagnostics: [] };
};

function owner({ origins }: Registry, entry: AnyPass | NamedPipeline): string {
  const origin = origins.get(entry);
  return origin === undefined ? '' : `   [plugin ${originText(origin)}]`;
}

function describePass(pass: AnyPass, owned: string): readonly string[] {
  const needs = (pass.needs as readonly string[]).join(' ');
  const options = Object.entries(pass.options as Readonly<Record<string, OptionSchema>>);
  return [
    `  ${pass.name}: ${pass.summary}${owned}`,
    `    needs ${needs === '' ? 'the file' : needs}, makes ${pass.makes}`,
    ...options.flatMap(([key, schema]) =>
      wrap(`    ${key}=${valuesText(schema)}  `, schema.description.split(' ')),
    ),
  ];
}
