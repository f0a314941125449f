/** The `--print-ir-*` and `--dump-dir` options as an instrument. */
import type { PartialIR } from '../ir/facets.js';
import { writeIr } from '../ir/json.js';
import { printIr } from '../ir/print.js';
import { openFolder } from '../node/files.js';
import { printing, type Dump } from '../pass/instrument/print.js';
import type { Instrument } from '../pass/manager.js';
import { findPass, type Registry } from '../pass/registry.js';
import { listOf, valuePlace, type CompileOptions } from './options.js';
import type { Terminal } from './terminal.js';

export function printInstruments(
  options: CompileOptions,
  registry: Registry,
  terminal: Terminal,
): readonly Instrument[] {
  const passNames = (flag: string, value: string | undefined): readonly string[] =>
    listOf(value).map((name) => findPass(registry, name, [valuePlace(flag, value ?? '', name)]).name);
  const asked = {
    before: passNames('--print-ir-before', options.printIrBefore),
    after: passNames('--print-ir-after', options.printIrAfter),
    afterAll: options.printIrAfterAll === true,
    afterChange: options.printIrAfterChange === true,
    afterFailure: options.printIrAfterFailure === true,
  };
  const any = Object.values(asked).some((value) => (Array.isArray(value) ? value.length > 0 : value));
  const { dumpDir } = options;
  if (dumpDir === undefined) return any ? [printing(asked, toStream(terminal), printIr)] : [];
  const write = openFolder(dumpDir, valuePlace('--dump-dir', dumpDir));
  const toFolder = ({ file, ir }: Dump): void => {
    write(`${file}.txt`, printIr(ir));
    write(`${file}.json`, writeIr(ir));
  };
  return [printing(any ? asked : { ...asked, afterAll: true }, toFolder, printIr)];
}

const toStream =
  (terminal: Terminal) =>
  ({ banner, ir }: { readonly banner: string; readonly ir: PartialIR }): void => {
    terminal.err(`${banner}\n${printIr(ir)}\n`);
  };
