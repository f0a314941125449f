/**
 * Before every test file: the engine optimises later. A file runs for seconds, spread over a thousand functions that
 * are new to the engine each time; the command line does the same (src/node/cached-script.ts).
 */
import { setFlagsFromString } from 'node:v8';

if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=1000000');
