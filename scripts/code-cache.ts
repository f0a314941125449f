/**
 * Runs the bundled command line once as most users do, and keeps what the engine has compiled on the way. The first
 * argument is the bundle.
 */
import { writeFileSync } from 'node:fs';
import { cacheFileOf, loadScript } from '../src/node/cached-script.js';

const [node = '', , bundle = ''] = process.argv;
process.argv = [
  node,
  bundle,
  'compile',
  'fsrcnn',
  '-a',
  'meta-proto-df',
  '-t',
  '60x72',
  '-m',
  'fully-cached',
];
const script = loadScript(bundle);
process.on('exit', () => {
  writeFileSync(cacheFileOf(bundle), script.codeCache());
});
script.run();
