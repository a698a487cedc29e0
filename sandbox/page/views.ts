import type { DealRecord, Desk, OpenedFile } from '../desks/desk.ts';
import type { Outbox } from '../outbox.ts';
import { playHtml } from '../scenes/play-html.ts';
import { playedHtml } from '../scenes/played-html.ts';
import type { DealOnPage } from '../seats/seat-service.ts';
import type { SeatsOnPage } from '../seats/seats-on-page.ts';
import type { StateView } from '../state-view.ts';
import type { TiState } from '../thought-industries/state.ts';
import { dealRegions } from './deal-html.ts';
import { fileRegions } from './file-html.ts';
import { homeRegions } from './home-html.ts';
import { logRegions } from './log-html.ts';
import { inboxRegions, mailRegions } from './mail-html.ts';
import { groupRegions, platformRegions } from './platform-html.ts';
import { seatsRegion } from './seats-html.ts';
import type { Region, View } from './view.ts';

export interface ViewDeps {
  readonly state: () => StateView;
  readonly desks: readonly Desk[];
  readonly outbox: Outbox;
  readonly ti: TiState;
  /** Absent: no service is known that keeps seats. */
  readonly seats?: SeatsOnPage;
}

type Show = (deps: ViewDeps, words: readonly string[], showsCodes: boolean) => View | undefined;

const VIEWS: Readonly<Record<string, Show>> = {
  '': ({ desks }, words) =>
    only(words.length === 0, { title: 'Dealseat sandbox', regions: homeRegions(desks) }),
  deals: showDeal,
  inbox: ({ state }) => ({ title: 'Inbox', regions: inboxRegions(state().mails) }),
  mail: showMail,
  groups: showGroups,
  files: showFile,
  scenes: showScenes,
  played: showPlayed,
  log: ({ state }) => ({ title: 'Requests', regions: logRegions(state()) }),
};

/** What a path shows; undefined: nothing. Without the rail, which stands beside every view. */
export function viewOf(deps: ViewDeps, url: URL): View | undefined {
  const [kind = '', ...words] = wordsOf(url.pathname);
  const show = Object.hasOwn(VIEWS, kind) ? VIEWS[kind] : undefined;
  return show?.(deps, words, url.searchParams.get('codes') === 'shown');
}

/** The file that a path names: one of a CRM or of a mail. */
export function fileOf({ desks, outbox }: ViewDeps, words: readonly string[]): OpenedFile | undefined {
  const [kind, first = '', second = '', third = ''] = words;
  if (kind === 'files') return desks.find(({ system }) => system === first)?.file(second);
  if (kind !== 'mail' || second !== 'attachments') return undefined;
  return outbox.mails[Number(first) - 1]?.attachments[Number(third) - 1];
}

export function wordsOf(pathname: string): string[] {
  return pathname.split('/').slice(1).map(decoded);
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

function showDeal(deps: ViewDeps, [system, id = '']: readonly string[]): View | undefined {
  const desk = deps.desks.find((each) => each.system === system);
  const deal = desk?.record(id);
  return desk && deal && { title: deal.name, regions: allOfDeal(deps, desk, deal) };
}

function allOfDeal({ state, seats }: ViewDeps, desk: Desk, deal: DealRecord): Region[] {
  const { mails, groups } = state();
  const ref = { crm: desk.system, dealId: deal.id };
  return [
    ...dealRegions(deal, { desk, mails, groups }),
    ...(seats ? [seatsRegion(seats.of(ref), { crm: desk.system, deal: deal.id })] : []),
  ];
}

/** The deal whose seats a path shows. */
export function dealShownAt({ state }: Pick<ViewDeps, 'state'>, url: URL): DealOnPage | undefined {
  const [kind, first = '', second = ''] = wordsOf(url.pathname);
  if (kind === 'deals') return { crm: first, dealId: second };
  if (kind !== 'played') return undefined;
  const played = state().play?.played.find(({ number }) => String(number) === first);
  return played && { crm: played.crm, dealId: played.dealId ?? '' };
}

function showMail(deps: ViewDeps, words: readonly string[], showsCodes: boolean): View | undefined {
  if (words.length > 1) return showFile(deps, words, showsCodes, 'mail');
  const mail = deps.state().mails.find(({ number }) => String(number) === words[0]);
  // The customer reads the codes that he was sent, and follows their links.
  return mail && { title: mail.subject, regions: mailRegions(mail), showsCodes: true };
}

function showGroups({ state, ti }: ViewDeps, [id]: readonly string[], showsCodes: boolean): View | undefined {
  if (id === undefined) return { title: 'Learning platform', regions: platformRegions(state().groups) };
  const group = ti.group(id);
  return group && { title: group.label, regions: groupRegions(ti, group, showsCodes), showsCodes };
}

function showFile(
  deps: ViewDeps,
  words: readonly string[],
  showsCodes: boolean,
  kind = 'files',
): View | undefined {
  const named = [kind, ...words];
  const file = fileOf(deps, named);
  const path = `/${named.map(encodeURIComponent).join('/')}`;
  return file && { title: file.name, regions: fileRegions(file, path, showsCodes), showsCodes };
}

function showScenes({ state }: ViewDeps): View | undefined {
  const { play } = state();
  const html = play && `<section class="card"><h1>Scenes</h1>${playHtml(play)}</section>`;
  return html === undefined ? undefined : { title: 'Scenes', regions: [{ id: 'scenes', html }] };
}

function showPlayed(deps: ViewDeps, [key]: readonly string[]): View | undefined {
  const { play } = deps.state();
  const played = play?.played.find(({ number }) => String(number) === key);
  if (!play || !played) return undefined;
  const desk = deps.desks.find(({ system }) => system === played.crm);
  const deal = desk?.record(played.dealId ?? '');
  const scene = `<section class="card"><h1>Scene ${played.number}</h1>${playedHtml(played, play.commands)}</section>`;
  return {
    title: deal?.name ?? `Scene ${key}`,
    regions: [{ id: 'played', html: scene }, ...(desk && deal ? allOfDeal(deps, desk, deal) : [])],
  };
}

function only(isSo: boolean, view: View): View | undefined {
  return isSo ? view : undefined;
}
