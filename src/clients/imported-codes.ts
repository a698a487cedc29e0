import { createHash } from 'node:crypto';
import type { Sealer } from '../domain/deal/ledger.ts';
import { DealseatError } from '../domain/failure.ts';
import type { CodesLook, RedemptionCode } from '../domain/seats/code-group.ts';
import { type ImportedGroup, isImportFileOf, sealedImport } from '../domain/seats/code-import.ts';
import type { Crm } from './crm.ts';
import type { Lms } from './lms.ts';
import { codesOfRoster, rowsOfCsv } from './roster-codes.ts';

const SEAL_COLUMN = 'sealed_by_dealseat';

/** The file of an import: a code a line, and in the first one the seal. Codes need no quotes. */
export function formatImport(group: ImportedGroup, codes: readonly string[], sealer: Sealer): Buffer {
  const seal = sealer.seal(sealedImport(group, sha256Of(codes)));
  const rows = codes.map((code, index) => `${code},${index === 0 ? seal : ''}`);
  return Buffer.from([`code,${SEAL_COLUMN}`, ...rows, ''].join('\r\n'));
}

const PRINT_DIGITS = 16;

/** Tells a set of codes from every other one. Made with a secret, so no code can be guessed by it. */
export function printOf(codes: readonly string[], sealer: Sealer): string {
  const seal = sealer.seal(JSON.stringify(['codes-print', [...codes].sort()]));
  return createHash('sha256').update(seal).digest('hex').slice(0, PRINT_DIGITS);
}

/** The codes that were imported for the group, or null: none were, or somebody has edited the file. Secret. */
export async function readImport(
  { crm, sealer }: { readonly crm: Pick<Crm, 'readRosters'>; readonly sealer: Sealer },
  { dealId, ...group }: Omit<ListedOf, 'label'>,
  signal?: AbortSignal,
): Promise<readonly string[] | null> {
  const files = await crm.readRosters(dealId, group.token, signal);
  for (const { fileName, csv } of files) {
    if (!isImportFileOf(group, fileName)) continue;
    const codes = codesOfRoster(csv) ?? [];
    const seal = rowsOfCsv(csv)?.[0]?.[SEAL_COLUMN] ?? '';
    if (codes.length > 0 && sealer.isSealOf(seal, sealedImport(group, sha256Of(codes)))) return codes;
  }
  return null;
}

export interface ImportDeps {
  readonly lms: Lms;
  readonly crm: Crm;
  readonly sealer: Sealer;
}

export interface ListedOf extends ImportedGroup {
  readonly dealId: string;
  readonly label: string;
}

/** All codes of a group, each once: as the platform lists them, or where it lists none, as they were imported. */
export async function listCodes(
  deps: ImportDeps,
  group: ListedOf,
  signal?: AbortSignal,
): Promise<readonly RedemptionCode[]> {
  try {
    const codes: RedemptionCode[] = [];
    for await (const page of deps.lms.listCodes(group.groupId, signal)) {
      for (const code of page) codes.push(code);
    }
    return codes;
  } catch (error) {
    return importedInstead(deps, group, error, signal);
  }
}

/** What a first look at that list shows. */
export async function lookAtCodes(
  deps: ImportDeps,
  group: ListedOf,
  signal?: AbortSignal,
): Promise<CodesLook> {
  try {
    return await deps.lms.lookAtCodes(group.groupId, signal);
  } catch (error) {
    const codes = await importedInstead(deps, group, error, signal);
    return { codes, hasMore: false, total: codes.length };
  }
}

async function importedInstead(
  { crm, sealer }: ImportDeps,
  { label, ...group }: ListedOf,
  error: unknown,
  signal: AbortSignal | undefined,
): Promise<readonly RedemptionCode[]> {
  if (!(error instanceof DealseatError) || error.code !== 'lms.codes_path_missing') throw error;
  const codes = await readImport({ crm, sealer }, group, signal);
  // Which of them were redeemed, no file can tell.
  if (codes !== null) return codes.map((code) => ({ code, isRedeemed: false }));
  throw new DealseatError({
    code: error.code,
    message: `${error.message}; to import them: \`dealseat codes import ${crm.name} ${group.dealId} <file.csv> --group ${label}\``,
    cause: error,
  });
}

function sha256Of(codes: readonly string[]): string {
  return createHash('sha256').update(codes.join('\n')).digest('hex');
}
