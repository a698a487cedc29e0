import type { z } from 'zod';
import type { ConfigFault, VariableGroup } from '../config/read-variables.ts';
import type { DealReading, DealTerms } from '../domain/deal/catalog.ts';
import type { CrmFacts } from '../domain/deal/crm-facts.ts';
import type { CrmName } from '../domain/deal/deal.ts';
import type { MailTool } from '../domain/deal/mail-tool.ts';
import type { Crm } from './crm.ts';

/**
 * All that the rest of the product knows of a CRM: its folder has one of these, and `src/processes/crms.ts` a line for
 * it. `Settings` is what its environment variables say; nobody else looks into it.
 */
export interface CrmModule<Settings = unknown> {
  readonly name: CrmName;
  readonly facts: CrmFacts;
  readonly dealId: IdForm;
  /** Of its accounts, as they stand in the ids of runs. */
  readonly accountId: IdForm;
  readonly environment: CrmEnvironment<Settings>;
  readonly catalog: CrmCatalog;
  /** Its webhooks sign the address that they call, so the server must know it. */
  readonly signsAddress?: true;
  accountOf(settings: Settings): string;
  /** Loads the client, which talks to nobody yet. `reading`: what the catalog says of deals; by default nothing. */
  create(settings: Settings, reading?: DealReading): Promise<Crm>;
}

export interface IdForm {
  /** What an id looks like, for messages: completes "expected …". */
  readonly form: string;
  /**
   * The one spelling of an id, or null for text that cannot be one. Every way in uses it, because two spellings of one
   * deal would be two workflow ids and so two provisionings.
   */
  canonical(text: string): string | null;
}

export interface CrmEnvironment<Settings> {
  /** How the names of its variables begin. */
  readonly prefix: string;
  readonly variables: VariableGroup;
  /** Null: none of them is set, so the CRM is off. With faults the settings are not to be used. */
  read(env: NodeJS.ProcessEnv, faults: ConfigFault[]): Settings | null;
}

/** The parts of a catalog that only this CRM has. */
export interface CrmCatalog {
  /** Field that the SKU of a product is compared with, for people. */
  readonly skuField: string;
  /** Keys by which the catalog names what has an id or a name in the CRM. */
  readonly keys: {
    readonly product: string;
    readonly company: string;
    readonly role: string;
    /** A field of the deal that holds seats; absent where the client reads none. */
    readonly seatField?: string;
    /** A field of contacts that says their language; absent where the client knows the usual one. */
    readonly languageField?: string;
  };
  /** Keys under which `approval.by` names who may approve, each with what stands there; absent where the client cannot tell. */
  readonly approvers?: Readonly<Record<string, string>>;
  /** Of products and of companies, as the keys name them. */
  readonly ids: { readonly product: IdForm; readonly company: IdForm };
  /** What stands under the CRM's name in `deals`; absent where the catalog has no say in what counts. */
  readonly deals?: z.ZodType<DealTerms>;
  /** What stands under the CRM's name in `handOver`. */
  readonly tool: z.ZodType<CatalogTool>;
  /** Which of these tools write a text of Dealseat to one person. */
  readonly buyerTools: readonly string[];
}

export interface CatalogTool {
  readonly tool: MailTool;
}
