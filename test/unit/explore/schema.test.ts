/** The published schema is the one in use. */
import { EXPLORE_SCHEMA } from '../../../src/explore/schema.js';
import { expectFresh } from '../../support/generated.js';

test('schemas/explore-v1.schema.json', () => {
  expectFresh('schemas/explore-v1.schema.json', `${JSON.stringify(EXPLORE_SCHEMA, null, 2)}\n`);
});
