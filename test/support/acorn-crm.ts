import { concludeByCalls } from '../../src/clients/conclude-by-calls.ts';
import type { Crm, DealFields, Message, Notice, RosterFile, WonDeal } from '../../src/clients/crm.ts';
import type { Contact, Deal, WrittenFields } from '../../src/domain/deal/deal.ts';
import { UNWRITTEN } from '../../src/domain/deal/unwritten.ts';
import { DealseatError } from '../../src/domain/failure.ts';

type AcornDeal = Omit<Deal, 'crm' | 'account' | 'written' | 'changedAt' | 'print' | 'url'>;

/** Everything that a CRM of the tests' own keeps: a third one, which nothing in the product has heard of. */
export class Acorn {
  readonly account: string;
  readonly letters: Message[] = [];
  /** Open tasks by key. */
  readonly tasks = new Map<string, Notice>();
  readonly #deals = new Map<string, AcornDeal>();
  readonly #written = new Map<string, WrittenFields>();
  readonly #changedAt = new Map<string, string>();
  readonly #rosters = new Map<string, RosterFile>();
  readonly #links = new Map<string, string>();

  constructor(account: string) {
    this.account = account;
  }

  add(deal: AcornDeal): void {
    this.#deals.set(deal.dealId, deal);
    this.#touch(deal.dealId);
  }

  writtenOn(dealId: string): WrittenFields {
    return this.#written.get(dealId) ?? UNWRITTEN;
  }

  rostersOf(dealId: string): readonly RosterFile[] {
    return [...this.#rosters.values()].filter((roster) => roster.dealId === dealId);
  }

  client(name: string): Crm {
    const parts: Pick<Crm, 'writeDealFields' | 'notify' | 'readPrint'> = {
      readPrint: async (dealId) => ({
        changedAt: this.#changedAt.get(dealId) ?? '',
        print: JSON.stringify(this.#deal(dealId)),
      }),
      writeDealFields: async (dealId, fields) => this.#write(dealId, fields),
      notify: async (notice) => {
        this.tasks.set(notice.key, notice);
      },
    };
    return {
      ...parts,
      name,
      account: this.account,
      ping: async () => undefined,
      readDeal: async (dealId) => ({
        ...this.#deal(dealId),
        crm: name,
        account: this.account,
        url: `https://acorn.example/deals/${dealId}`,
        written: this.writtenOn(dealId),
        changedAt: this.#changedAt.get(dealId) ?? '',
        print: JSON.stringify(this.#deal(dealId)),
      }),
      readRecord: async (dealId) => {
        this.#deal(dealId);
        const { status, ledger, hold } = this.writtenOn(dealId);
        return { status, detail: null, ledger, hold };
      },
      findWonDeals: async ({ since, until }) => ({
        deals: this.#wonBetween(since, until),
        next: until,
        isComplete: true,
      }),
      readMergedContacts: async () => new Map(),
      readContact: async (contactId) => this.#contact(contactId),
      takeHold: async ({ dealId, seen, hold, fields }) => {
        if (this.writtenOn(dealId).hold !== seen) return 'late';
        this.#write(dealId, { ...fields, claim: hold });
        return 'first';
      },
      proveHold: async ({ dealId, hold }) => (this.writtenOn(dealId).hold === hold ? 'first' : 'late'),
      attachRoster: async (roster) => {
        this.#rosters.set(`${roster.dealId} ${roster.fileName}`, roster);
        return { fileId: roster.fileName, url: `https://acorn.example/files/${roster.fileName}` };
      },
      readRosters: async (dealId, rosterToken) =>
        this.rostersOf(dealId)
          .filter(({ fileName }) => fileName.endsWith(`-${rosterToken}.csv`))
          .map(({ fileName, csv }) => ({ fileName, csv, isShown: true })),
      findFileNames: async (beginning) =>
        [...this.#rosters.values()].flatMap(({ fileName }) =>
          fileName.startsWith(beginning) ? fileName : [],
        ),
      removeRoster: async ({ dealId, fileName }) => {
        this.#rosters.delete(`${dealId} ${fileName}`);
      },
      readRedeemLinks: async (contactIds) => ({
        links: new Map([...this.#links].filter(([contactId]) => contactIds.includes(contactId))),
        people: new Map(),
        unseen: new Map(),
      }),
      writeRedeemLinks: async (links) => {
        for (const [contactId, link] of links) {
          if (link === null) this.#links.delete(contactId);
          else this.#links.set(contactId, link);
        }
      },
      mailTool: () => ({
        deliver: async (message) => {
          const isOut = this.letters.some(({ sendKey }) => sendKey === message.sendKey);
          if (!isOut) this.letters.push(message);
          return { is: 'sent', reference: message.sendKey };
        },
        takeBack: async () => undefined,
      }),
      closeNotices: async ({ dealId, keys, except }) => {
        for (const notice of [...this.tasks.values()]) {
          const isMeant = notice.dealId === dealId && keys.some((key) => notice.key.startsWith(key));
          if (isMeant && notice.key !== except) this.tasks.delete(notice.key);
        }
      },
      conclude: (conclusion) => concludeByCalls(parts, conclusion),
      checkSetup: async () => [{ name: 'Acorn', state: 'ok', advice: null }],
    };
  }

  #write(dealId: string, { claim, groupLabel, groupId, ...fields }: DealFields): void {
    this.#deal(dealId);
    const { status, seats, ledger, hold, groupLabels, groupIds } = this.writtenOn(dealId);
    this.#written.set(dealId, {
      status: fields.status === undefined ? status : fields.status,
      seats: fields.seats === undefined ? seats : fields.seats,
      ledger: fields.ledger === undefined ? ledger : fields.ledger,
      hold: claim === undefined ? hold : claim,
      groupLabels: groupLabel === undefined ? groupLabels : listOf(groupLabel),
      groupIds: groupId === undefined ? groupIds : listOf(groupId),
    });
    this.#touch(dealId);
  }

  #deal(dealId: string): AcornDeal {
    const deal = this.#deals.get(dealId);
    if (deal) return deal;
    throw new DealseatError({ code: 'crm.deal_not_found', message: `Acorn has no deal ${dealId}` });
  }

  #contact(contactId: string): Contact {
    for (const { contacts } of this.#deals.values()) {
      const contact = contacts.find(({ id }) => id === contactId);
      if (contact) return contact;
    }
    throw new DealseatError({ code: 'crm.not_found', message: `Acorn has no contact ${contactId}` });
  }

  #wonBetween(since: string, until: string): WonDeal[] {
    return [...this.#deals.values()]
      .filter(({ isWon }) => isWon)
      .map(({ dealId }) => ({ dealId, changedAt: this.#changedAt.get(dealId) ?? '' }))
      .filter(({ changedAt }) => changedAt >= since && changedAt < until)
      .sort((a, b) => (a.changedAt < b.changedAt ? -1 : 1));
  }

  #touch(dealId: string): void {
    this.#changedAt.set(dealId, new Date().toISOString());
  }
}

function listOf(text: string | null): readonly string[] {
  return text === null || text === '' ? [] : text.split(', ');
}
