import { describe, expect, test } from '@jest/globals';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../src/config/config.ts';
import { catalogJsonSchema, loadCatalog, parseCatalog } from '../../src/config/load-catalog.ts';
import { EXAMPLES, faultIn, type UpdateName } from '../../src/contracts/message-arguments.ts';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts';
import { FAILURES } from '../../src/domain/failure.ts';
import { CRMS } from '../../src/processes/crms.ts';
import { askBody } from '../../src/seats/ask-body.ts';
import { SEAT_REQUEST_FAULTS } from '../../src/seats/seat-request-error.ts';
import { createOpenApi } from '../../webhooks/server/openapi.ts';
import { WEBHOOK_PROBLEMS } from '../../webhooks/server/problems.ts';
import {
  acceptedBody,
  manualBody,
  previewBody,
  problemBody,
  provisioningBody,
} from '../../webhooks/server/schemas.ts';
import { codeBlocks, ROOT, readPage, tableRows } from './pages.ts';

const LEARNER_URL = 'https://acme.thoughtindustries.com';
const partners = readPage('docs/partners.md');
const catalog = readPage('docs/catalog.md');

describe('what partners copy', () => {
  test('every body that they send is one that the server takes', () => {
    const bodies = codeBlocks(partners, 'sh').flatMap((block) =>
      [...block.matchAll(/-d '([^']+)'/g)].map(([, json = '']) => JSON.parse(json)),
    );
    expect(bodies).toHaveLength(3);
    for (const body of bodies) {
      const schema = 'kind' in body ? askBody : manualBody(CRMS);
      expect(() => schema.parse(body)).not.toThrow();
    }
  });

  test('every answer that they are shown has the form that the server sends', () => {
    const [preview, accepted, view, problem] = codeBlocks(partners, 'json').map((json) => JSON.parse(json));
    expect(strict(previewBody).parse(preview)).toEqual(preview);
    expect(acceptedBody.strict().parse(accepted)).toEqual(accepted);
    expect(strict(provisioningBody).parse(view)).toEqual(view);
    expect(problemBody.strict().parse(problem)).toEqual(problem);
  });

  test('every code in the table of answers exists, with that status', () => {
    for (const [status, code = ''] of tableRows(partners, ['status', 'code', 'what to do'])) {
      const problems: Readonly<Record<string, { readonly status: number }>> = {
        ...WEBHOOK_PROBLEMS,
        ...SEAT_REQUEST_FAULTS,
      };
      if (code in problems) {
        expect([code, String(problems[code]?.status)]).toEqual([code, status]);
      } else if (/^\w+\.\w+$/.test(code)) expect(Object.keys(FAILURES)).toContain(code);
    }
  });

  test('the OpenAPI description has the calls of the page', () => {
    const { paths } = createOpenApi({ config: loadConfig({}), sources: [] }) as {
      paths: Record<string, object>;
    };
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/webhooks/manual', '/provisionings/{id}']));
  });
});

describe('what engineers send to a run', () => {
  const engineers = readPage('docs/engineers.md');
  const updates = tableRows(engineers, ['update', 'does', 'argument']);

  test('every update is on the page, with an argument that a run takes', () => {
    expect(updates.map(([name]) => name)).toEqual(Object.keys(EXAMPLES));
    for (const [name, , argument = ''] of updates) {
      expect(faultIn(name as UpdateName, JSON.parse(argument))).toBeNull();
    }
  });

  test('every field is described, and no other', () => {
    const fields = new Set(
      updates.flatMap(([, , argument = '']) => Object.keys(JSON.parse(argument) as object)),
    );
    const described = tableRows(engineers, ['field', 'is']).map(([name]) => name);
    expect(described).toEqual([...fields, 'mail']);
  });

  test('every query of a view names what runs have', () => {
    const views = tableRows(engineers, ['view', 'query']).map(([, query = '']) => query);
    const names = views.flatMap((query) => [...query.matchAll(/Dealseat\w+(?=[!=])/g)].map(([name]) => name));
    expect(names.length).toBeGreaterThan(3);
    expect(Object.keys(SEARCH_ATTRIBUTES)).toEqual(expect.arrayContaining([...new Set(names)]));
  });
});

describe('the catalog', () => {
  test('the example that the README copies is valid', async () => {
    const { products } = await loadCatalog(`${ROOT}/catalog.example.yaml`, { learnerUrl: LEARNER_URL });
    expect(products.length).toBeGreaterThan(0);
  });

  test('every YAML on the page is a valid part of a catalog', () => {
    const blocks = codeBlocks(catalog, 'yaml');
    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) {
      const base = {
        version: 1,
        products: [{ match: { sku: 'A' }, ignore: true }],
        handOver: { to: 'buyer' },
      };
      const whole = { ...base, ...parseDocument(block).toJS() };
      expect(() => parseCatalog(JSON.stringify(whole), { learnerUrl: LEARNER_URL })).not.toThrow();
    }
  });

  test('every key of the schema is described, and no other', () => {
    const described = new Set(catalog.text.match(/\b[a-z]+(?:[A-Z][a-z]+)*\b/g));
    const missing = keysOf(catalogJsonSchema()).filter((key) => !described.has(key));
    expect(missing).toEqual([]);

    const known = new Set(keysOf(catalogJsonSchema()));
    const rows = tableRows(catalog, ['key', 'type', 'default', 'meaning']);
    const named = rows.flatMap(([key = '']) => key.split(/[.,\s[\]]+/).filter((part) => part !== ''));
    expect(named.filter((key) => !known.has(key))).toEqual([]);
  });
});

/** Unknown fields would be dropped, and so a wrong example would pass. */
function strict(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodObject ? schema.strict() : schema;
}

function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema && schema.properties ? Object.keys(schema.properties) : [];
  return [...new Set([...own, ...Object.values(schema).flatMap(keysOf)])];
}
