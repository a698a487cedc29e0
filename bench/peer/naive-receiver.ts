/**
 * What an afternoon gives: a middleware between HubSpot and Thought Industries without a memory. It takes the same
 * place as Dealseat or a flow of an automation tool, and shows how `npm run bench -- --peer` drives any of them:
 *
 *   npm run bench -- --peer http://127.0.0.1:8099/hook --peer-command "node bench/peer/naive-receiver.ts"
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

const { env } = process;
const hook = new URL(env.PEER_URL ?? 'http://127.0.0.1:8099/hook');
const COURSE = '8f2a1c34-5b6d-4e7f-9a01-2b3c4d5e6f70';
const MAIL = 1_234_567;
const TRIES = 3;

createServer(async (request, response) => {
  const body = await bodyOf(request);
  if (!isSigned(request, body)) {
    response.writeHead(401).end();
    return;
  }
  // HubSpot waits five seconds at most, so it is answered first.
  response.writeHead(200).end();
  for (const { objectId } of JSON.parse(body)) {
    deliver(String(objectId)).catch((error: unknown) => process.stderr.write(`${error}\n`));
  }
}).listen(Number(hook.port || 80), hook.hostname);

interface Deal {
  readonly associations: Readonly<
    Record<'line items' | 'contacts', { readonly results: readonly { readonly id: string }[] }>
  >;
}

interface Properties {
  readonly properties: Readonly<Record<string, string>>;
}

interface CodeList {
  readonly redemptionCodes: readonly { readonly code: string }[];
}

async function deliver(dealId: string): Promise<void> {
  const deal = await hubspot<Deal>(`/crm/v3/objects/deals/${dealId}?associations=line_items,contacts`);
  const lineId = deal.associations['line items'].results[0]?.id;
  const contactId = deal.associations.contacts.results[0]?.id;
  const line = await hubspot<Properties>(`/crm/v3/objects/line_items/${lineId}?properties=quantity`);
  const contact = await hubspot<Properties>(`/crm/v3/objects/contacts/${contactId}?properties=email`);
  const { id } = await platform<{ id: string }>('/redemptionCodes', {
    label: `deal-${dealId}`,
    codeLength: 12,
    totalCodesCount: Number(line.properties.quantity),
    courses: [COURSE],
  });
  let codes: CodeList['redemptionCodes'] = [];
  while (codes.length === 0) {
    await wait(500);
    codes = (await platform<CodeList>(`/redemptionCodes/${id}/codes`)).redemptionCodes;
  }
  const message = { to: contact.properties.email };
  const customProperties = { redeem_links: codes.map(({ code }) => code).join('\n') };
  await hubspot('/marketing/v3/transactional/single-email/send', {
    emailId: MAIL,
    message,
    customProperties,
  });
}

const hubspot = <T>(path: string, body?: object) =>
  call<T>(`${env.HUBSPOT_BASE_URL}${path}`, env.HUBSPOT_ACCESS_TOKEN, body);
const platform = <T>(path: string, body?: object) =>
  call<T>(`${env.TI_BASE_URL}/incoming/v2${path}`, env.TI_API_KEY, body);

/** Tries again whatever went wrong: so an answer that was lost makes a second group. */
async function call<T>(url: string, token: string | undefined, body?: object): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await fetch(url, {
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
      return (await answer.json()) as T;
    } catch (error) {
      if (tries === TRIES) throw error;
      await wait(1_000);
    }
  }
}

function isSigned({ method, headers }: IncomingMessage, body: string): boolean {
  const timestamp = headers['x-hubspot-request-timestamp'];
  const expected = createHmac('sha256', env.HUBSPOT_CLIENT_SECRET ?? '')
    .update(`${method}${hook.href}${body}${timestamp}`)
    .digest();
  const given = Buffer.from(String(headers['x-hubspot-signature-v3']), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
