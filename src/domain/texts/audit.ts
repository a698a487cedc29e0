import { countOf, numberOf } from '../words.ts';
import type { FindingText } from './seat-findings.ts';

/** What an audit of the seats found. Neither codes nor addresses stand in these. */

export function dealGoneFinding(dealName: string): FindingText {
  return {
    text: `The deal ${dealName} is no longer in the CRM, and its seats are still in the database.`,
    cure: 'If the deal was deleted by mistake, restore it. Otherwise revoke its seats, so that they are not counted any longer.',
  };
}

export function ledgerGoneFinding(dealName: string): FindingText {
  return {
    text: `The Dealseat ledger on the deal ${dealName} is empty, and the database has seats of the deal.`,
    cure: 'Restore the ledger field from the history of the deal. Without it Dealseat may provision the deal once more.',
  };
}

export function ledgerEditedFinding(dealName: string): FindingText {
  return {
    text: `Someone edited or copied the Dealseat ledger on the deal ${dealName}, so it says nothing about its seats.`,
    cure: 'Restore the ledger field from the history of the deal.',
  };
}

export function countDiffersFinding(
  dealName: string,
  found: { readonly title: string; readonly ledger: number; readonly store: number },
): FindingText {
  const { title, ledger, store } = found;
  return {
    text: `The deal ${dealName} was given ${countOf(ledger, 'seat')} of ${title}, and the database has ${numberOf(store)}.`,
    cure: 'Run `dealseat seats rebuild` for the deal, which writes missing seats. If the database has too many, revoke those that nobody uses.',
  };
}

export function groupUnknownFinding(dealName: string, token: string): FindingText {
  return {
    text: `The database does not know the code group ${token} of the deal ${dealName}.`,
    cure: 'Run `dealseat seats rebuild` for the deal.',
  };
}

export function groupGoneFinding(dealName: string, label: string): FindingText {
  return {
    text: `The learning platform no longer has the code group ${label} of the deal ${dealName}.`,
    cure: 'Ask the administrator of the learning platform who removed the group. The learners of the deal need other codes.',
  };
}

export function redemptionMissedFinding(dealName: string, label: string, count: number): FindingText {
  return {
    text: `Learners used ${countOf(count, 'code')} of ${label} (${dealName}) that the database counts as unused.`,
    cure: 'Nothing: the next sync of redemptions records them. If this stays for a day, see whether the sync runs.',
  };
}
