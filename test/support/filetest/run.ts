/** Runs a filetest: the passes before the one tested, then that one; what it made and said is the result. */
import {
  compile,
  parseMappings,
  parsePrecisions,
  REGISTRY,
  type CompileRequest,
} from '../../../src/compile.js';
import { PROFILES } from '../../../src/base/profile.js';
import { CATALOGUE } from '../../../src/diag/codes.js';
import type { Diagnostic, Location } from '../../../src/diag/diagnostic.js';
import type { Facet } from '../../../src/ir/facets.js';
import { printFacet } from '../../../src/ir/print.js';
import { findPass, findPipeline } from '../../../src/pass/registry.js';
import { parsePipeline, printPipeline, type PassSpec } from '../../../src/pass/spec.js';
import { dimsOf, precisionOf } from '../../../src/cli/options.js';
import { hardwareOf } from './hardware.js';
import { modelBytes } from './model-text.js';
import type { Filetest } from './read.js';

/** The facet of the pass and its diagnostics, as they stand below `----`. */
export async function resultOf(filetest: Filetest): Promise<string> {
  const { pass, pipeline } = pipelineOf(filetest);
  const { ir, diagnostics } = await compile({ ...requestOf(filetest), pipeline });
  const early = diagnostics.filter((d) => d.pass !== pass && d.severity === 'error');
  if (early.length > 0)
    throw new Error(`a pass before ${pass} fails: ${early.map(diagnosticText).join('; ')}`);
  const said = diagnostics.filter((d) => d.pass === pass || d.pass === undefined).map(diagnosticText);
  const { makes } = findPass(REGISTRY, pass, []);
  // An infeasible stack is a result, and the facet says so.
  const failed = diagnostics.some((d) => d.severity === 'error' && CATALOGUE[d.code].kind !== 'infeasible');
  const facet = failed ? [] : printFacet(ir, makes);
  return `${[...facet, ...(facet.length > 0 && said.length > 0 ? [''] : []), ...said].join('\n')}\n`;
}

export const passOf = ({ test }: Filetest): string => parsePipeline(test)[0]?.name ?? '';

/** The default pipeline up to the pass, with the options that `with` gives; it may ask for a search. */
function pipelineOf({ test, settings }: Filetest): { readonly pass: string; readonly pipeline: string } {
  const [tested] = parsePipeline(test);
  if (tested === undefined) throw new Error('no pass is tested');
  const given = settings['with'] === undefined ? [] : parsePipeline(settings['with'].value);
  const isSearched = given.some(({ name }) => name === 'optimize-schedule');
  const whole = parsePipeline(findPipeline(REGISTRY, isSearched ? 'optimize' : 'default', []).spec);
  const table = settings['table'] !== undefined;
  const first = whole.findIndex(({ name }) => name === 'partition-stacks');
  const passes = table ? [...parsePipeline('import-layers'), ...whole.slice(first)] : whole;
  const at = passes.findIndex(({ name }) => name === tested.name);
  const end = at < 0 ? whereItFits(tested.name, passes) : at;
  const before = passes
    .slice(0, end)
    .map((spec): PassSpec => given.find(({ name }) => name === spec.name) ?? spec);
  return { pass: tested.name, pipeline: printPipeline([...before, tested]) };
}

/** A pass that is in no default pipeline runs as soon as every facet it needs is there. */
function whereItFits(name: string, passes: readonly PassSpec[]): number {
  const { needs } = findPass(REGISTRY, name, []);
  const made = passes.map((spec) => findPass(REGISTRY, spec.name, []).makes);
  return 1 + Math.max(-1, ...(needs as readonly Facet[]).map((facet) => made.lastIndexOf(facet)));
}

function requestOf({ settings }: Filetest): CompileRequest {
  const { hw, profile, lpf, dim, precision, precisions, mapping } = settings;
  const names = Object.keys(PROFILES) as (keyof typeof PROFILES)[];
  const found = names.find((name) => name === (profile?.value ?? 'default'));
  if (found === undefined) throw new Error(`unknown profile ${profile?.value ?? ''}`);
  return {
    source: sourceOf(settings),
    hw: hardwareOf(hw),
    profile: PROFILES[found],
    ...(lpf === undefined ? {} : { lpfLimit: lpf.value === 'none' ? null : Number(lpf.value) }),
    dims: dim === undefined ? {} : lenientDims(dim.value),
    precision: precisionOf(precision?.value),
    ...(precisions === undefined
      ? {}
      : { precisions: parsePrecisions(precisions.block.join('\n'), 'precision.yaml') }),
    ...(mapping === undefined ? {} : { mappings: parseMappings(mapping.block.join('\n'), 'mapping.yaml') }),
  };
}

/** A size of 0 is the matter of a pass, not of the command line. */
const lenientDims = (value: string): Readonly<Record<string, number>> =>
  value.endsWith('=0') ? { [value.slice(0, -2)]: 0 } : dimsOf(value.split(' '));

function sourceOf({ model, table, bytes, cut }: Filetest['settings']): { file: string; bytes: Uint8Array } {
  if (table !== undefined)
    return { file: 'test.yaml', bytes: new TextEncoder().encode(table.block.join('\n')) };
  if (bytes !== undefined)
    return { file: 'test.onnx', bytes: Uint8Array.from(Buffer.from(bytes.value, 'hex')) };
  if (model === undefined) throw new Error('neither model nor table nor bytes');
  const whole = modelBytes(model.value, model.block);
  return { file: 'test.onnx', bytes: cut === undefined ? whole : whole.subarray(0, Number(cut.value)) };
}

/** `error[DF5001] $0 origin @conv2  what happened`. */
function diagnosticText({ severity, code, message, at }: Diagnostic): string {
  const places = at.map(placeText).filter((text) => text !== '');
  return [`${severity}[${code}]${places.length === 0 ? '' : ` ${places.join(' ')}`}`, message].join('  ');
}

function placeText(at: Location): string {
  switch (at.kind) {
    case 'ir':
      return at.id;
    case 'onnx':
      return at.name !== undefined ? `@${at.name}` : at.tensor !== undefined ? `%${at.tensor}` : '';
    case 'file':
      return at.line === undefined ? '' : `${at.line}:${at.column ?? 0}${at.pointer ?? ''}`;
    case 'spec':
      return at.text.slice(at.offset, at.offset + (at.length ?? 1));
  }
}
