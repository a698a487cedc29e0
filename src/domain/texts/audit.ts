import { countOf, numberOf } from '../words.ts';
import { contactCalled } from './contacts.ts';
import type { FindingText } from './seat-findings.ts';

/** What an audit of the seats found. Neither codes nor addresses stand in these. */

export function dealGoneFinding(dealName: string): FindingText {
  return {
    text: `The deal ${dealName} is gone from the CRM, and people still have seats of it.`,
    cure: 'If the deal was deleted by mistake, restore it. Otherwise revoke the seats that people have.',
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
    cure: 'Run `dealseat seats rebuild` for the deal, which writes missing seats. If the database has more, restore the newest ledger field from the history of the deal.',
  };
}

export function groupUnknownFinding(dealName: string, token: string): FindingText {
  return {
    text: `The database does not know the code group ${token} of the deal ${dealName}.`,
    cure: 'Run `dealseat seats rebuild` for the deal. If it says that the learning platform no longer has the group, ask the administrator of the platform who removed it.',
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
    cure: 'Check in the Temporal UI that the sync of seats runs. If it does, report this as a bug.',
  };
}

export function linkMissingFinding(dealName: string, contactId: string): FindingText {
  return {
    text: `The field for redeem links of ${contactCalled(contactId)} lacks the link of a seat of the deal ${dealName}.`,
    cure: 'Run `dealseat seats reissue` for the seat, which writes the link again.',
  };
}

/** `lines`: of the field, from 1. */
export function linkOverFinding(dealName: string, contactId: string, lines: readonly number[]): FindingText {
  const isOne = lines.length === 1;
  return {
    text: `The field for redeem links of ${contactCalled(contactId)} still has ${isOne ? 'the link of a code' : 'links of codes'} of the deal ${dealName} that ${isOne ? 'was' : 'were'} taken back: ${isOne ? 'line' : 'lines'} ${lines.join(', ')}.`,
    cure: `Remove ${isOne ? 'that line' : 'those lines'} from the field.`,
  };
}

/** `line`: of the field, from 1. */
export function linkForeignFinding(dealName: string, contactId: string, line: number): FindingText {
  return {
    text: `Line ${line} of the field for redeem links of ${contactCalled(contactId)} has the link of a seat of the deal ${dealName} that another contact has.`,
    cure: 'Remove that line from the field. If the wrong person may have seen it, also run `dealseat seats reissue --new-code` for the seat.',
  };
}

export function accessGoneFinding(dealName: string, title: string): FindingText {
  return {
    text: `A learner was given access to ${title} directly (${dealName}), and the learning platform no longer shows it.`,
    cure: 'Run `dealseat seats revoke` for the seat, with `--access-ended-by-hand` if the platform does not know the learner now. If the learner should have access, then run `dealseat seats grant`.',
  };
}

export function accessStaysFinding(dealName: string, title: string): FindingText {
  return {
    text: `A seat of ${title} (${dealName}) has ended, and its learner still has access in the learning platform.`,
    cure: 'Settle it with `dealseat seats settle`: `end` if the access is to end, `keep` if the learner may have it.',
  };
}
