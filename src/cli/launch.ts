#!/usr/bin/env node
/** What `bin` names: runs the bundled command line that lies beside it. */
import { fileURLToPath } from 'node:url';
import { loadScript } from '../node/cached-script.js';

loadScript(fileURLToPath(new URL('./command-line.js', import.meta.url))).run();
