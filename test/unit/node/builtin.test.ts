import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiagnosticError, type Diagnostic } from '../../../src/diag/diagnostic.js';
import {
  builtinAccelerators,
  builtinNetworkFile,
  builtinNetworks,
  loadAccelerator,
} from '../../../src/node/builtin.js';
import { projectFolder } from '../../support/reference.js';

const failure = (nameOrFile: string): Diagnostic => {
  try {
    loadAccelerator(nameOrFile);
  } catch (error) {
    if (error instanceof DiagnosticError && error.diagnostics[0]) return error.diagnostics[0];
    throw error;
  }
  throw new Error('no failure');
};

const folder = mkdtempSync(join(tmpdir(), 'defines-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a built-in name and its file are the same accelerator', () => {
  const file = join(projectFolder(), 'models/accelerators/tpu-like.yaml');
  expect(loadAccelerator(file)).toEqual(loadAccelerator('tpu-like'));
});

test('a mistyped name gets the nearest one and the list', () => {
  const found = failure('meta-proto-fd');
  expect(found.code).toBe('DF8109');
  expect(found.message).toBe('"meta-proto-fd" is neither a built-in accelerator nor a file');
  expect(found.help).toBe(`did you mean "meta-proto-df"? built in: ${builtinAccelerators().join(', ')}`);
});

test('a name near nothing gets the list, once', () => {
  expect(failure('quantum').help).toBe(`built-in accelerators: ${builtinAccelerators().join(', ')}`);
});

test('a missing file, a directory, a file inside a file', () => {
  expect(failure('nowhere/x.yaml')).toMatchObject({
    code: 'DF8110',
    message: '"nowhere/x.yaml" does not exist',
  });
  expect(failure('nowhere.json').message).toBe('"nowhere.json" does not exist');
  expect(failure(folder).message).toBe(`"${folder}" is a directory`);
  writeFileSync(join(folder, 'file'), '');
  expect(failure(join(folder, 'file/x.yaml')).message).toMatch(/does not exist$/);
});

test('a faulty file is named in the place', () => {
  const file = join(folder, 'bad.yaml');
  writeFileSync(file, 'name: x\n  y: [');
  expect(failure(file)).toMatchObject({ code: 'DF8100', at: [{ kind: 'file', file, line: 1 }] });
});

test('networks are found by name', () => {
  for (const name of builtinNetworks())
    expect(builtinNetworkFile(name)).toBe(join(projectFolder(), `models/networks/${name}.onnx`));
  expect(builtinNetworkFile('no-such-network')).toBeUndefined();
});
