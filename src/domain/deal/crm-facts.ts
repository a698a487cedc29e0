/** What the rules must know of a CRM. Its folder says it. */
export interface CrmFacts {
  /** For people, for example `HubSpot`. */
  readonly displayName: string;
  /** What people call a contact's part in a deal there, for example `association label`. */
  readonly contactRole: string;
  /** Name of the ledger field as people find it. */
  readonly ledgerField: string;
  /** Characters that the fields take. */
  readonly ledgerLength: number;
  readonly detailLength: number;
  /** It takes several files in one request. */
  readonly takesFilesTogether?: true;
}
