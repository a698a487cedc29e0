import type { NamedInPlatform } from '../../domain/deal/catalog-names.ts';
import { attempt, checkClock, fine, judgeQuota, notTried, type SetupCheck } from '../setup-check.ts';
import { ping } from './ping.ts';
import { checkClients, checkContent, checkLicenses } from './setup-catalog.ts';
import { checkCodesPath } from './setup-codes-path.ts';
import { checkRights } from './setup-rights.ts';
import { CURES, type TenantSetup } from './setup-tenant.ts';

/** Each call waits for its turn, so a large catalog takes minutes: the budget is that of the tenant. */
export async function* checkSetup(
  tenant: TenantSetup,
  { named, signal }: { readonly named: NamedInPlatform | null; readonly signal: AbortSignal },
): AsyncGenerator<SetupCheck> {
  const { sender, baseUrl, requestsPerMinute } = tenant;
  const access = await attempt(`Thought Industries ${baseUrl}`, CURES, async () => {
    await ping(sender, signal);
    return fine();
  });
  yield access;
  if (access.state !== 'ok') {
    const reason = notTried('not checked: the learning platform does not let Dealseat in');
    if (named !== null) yield { name: 'Content, clients and licenses', ...reason, isOfCatalog: true };
    return;
  }
  yield await attempt('Thought Industries code list', CURES, () => checkCodesPath(tenant, signal));
  yield* checkRights(tenant, signal);
  yield await checkClock('Clock beside Thought Industries', `${baseUrl}/incoming/v2/ping`, signal);
  if (named !== null) {
    const { content, clients } = named;
    for (const kind of ['courses', 'learningPaths', 'bundles'] as const) {
      yield* checkContent(sender, { kind, named: content[kind], signal });
    }
    yield* checkClients(sender, { named: clients, signal });
    yield* checkLicenses(sender, { named: content.licenses, clients, signal });
  }
  yield await attempt('Thought Industries requests of this window', CURES, async () => {
    const quota = sender.lastQuota();
    if (quota === null) {
      return notTried(`its answers carry no quota; Dealseat uses ${requestsPerMinute} a minute at most`);
    }
    return judgeQuota(quota);
  });
}
