import type { CrmModule } from '../clients/crm-module.ts';
import { HUBSPOT } from '../clients/hubspot/module.ts';
import { SALESFORCE } from '../clients/salesforce/module.ts';

/** Every CRM of the product: a new one is its folder and a line here. Everything else asks this list. */
export const CRMS: readonly CrmModule[] = [HUBSPOT, SALESFORCE];
