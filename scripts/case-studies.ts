/**
 * `npm run docs:case-studies [-- <seconds> [<architecture>,... [<network>,... [<profile>]]]]`: searches schedules for the built-in
 * networks on the built-in architectures, in both profiles, and rewrites the table of docs/case-studies.md. Each search
 * may take so many seconds of processor time (default 20); one that is not finished by then is marked. The table grows
 * row by row.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/node/builtin.js';
import { withGeneratedPart } from './corrections/document.js';
import { ARCHITECTURES, caseStudy, NETWORKS, PROFILE_NAMES, type CaseStudy } from './case-studies/measure.js';
import { caseTable } from './case-studies/table.js';

const [seconds = '20', architectures, networks, profiles] = process.argv.slice(2);
const chosen = (list: string | undefined, all: readonly string[]): readonly string[] =>
  list?.split(',') ?? all;

const path = join(packageRoot(), 'docs/case-studies.md');
for (const profile of PROFILE_NAMES.filter((name) => chosen(profiles, PROFILE_NAMES).includes(name))) {
  const cases: CaseStudy[] = [];
  for (const architecture of chosen(architectures, ARCHITECTURES))
    for (const network of chosen(networks, NETWORKS)) {
      process.stderr.write(`${profile}: ${network} on ${architecture}\n`);
      cases.push(await caseStudy(architecture, network, profile, 1000 * Number(seconds)));
      const document = withGeneratedPart(readFileSync(path, 'utf8'), profile, caseTable(cases));
      writeFileSync(path, document);
    }
}
