import type { Problem } from '../failure.ts';
import { countOf } from '../words.ts';

/**
 * Codes that an admin downloaded, for a group whose codes the platform does not list by API. They rest in a private file
 * on the deal, beside its roster.
 */
export interface ImportedGroup {
  /** Ends the label of the group, and the name of the file: it is made from the deal alone. */
  readonly token: string;
  readonly platform: string;
  readonly groupId: string;
}

/** Begins the names of all files with these very codes. `print`: of their set, in hexadecimal digits. */
export function importFileBeginning(print: string): string {
  return `codes-import-${print}-`;
}

export function importFileName({ token }: Pick<ImportedGroup, 'token'>, print: string): string {
  return `${importFileBeginning(print)}${token}.csv`;
}

export function isImportFileOf({ token }: Pick<ImportedGroup, 'token'>, fileName: string): boolean {
  return fileName.startsWith('codes-import-') && fileName.endsWith(`-${token}.csv`);
}

/** People can edit the file, so the seal in it binds the codes to the group. `sha256`: of the codes, a line each. */
export function sealedImport({ token, platform, groupId }: ImportedGroup, sha256: string): string {
  return JSON.stringify(['codes', token, platform, groupId, sha256]);
}

/** Whether a run with these problems goes on once codes are imported: other problems are not solved by them. */
export function waitsForImport(problems: readonly Problem[]): boolean {
  return problems.some(({ code }) => code === 'lms.codes_path_missing');
}

/** A code of the download, and where it stands there. */
export interface DownloadedCode {
  /** Counts from 1. */
  readonly line: number;
  readonly code: string;
}

export interface ImportTerms {
  readonly seatCount: number;
  /** Of every code; null: not known, so all are as long as the first. */
  readonly codeLength: number | null;
  /** Codes that were imported for other groups of the deal, with the label of each. */
  readonly others: ReadonlyMap<string, string>;
}

/** Of the alphabet that needs no escape in a link: what else stands in a cell is not a code. */
const CODE = /^[A-Za-z0-9._~-]+$/;
/** What a spreadsheet makes of a code of digits with one E among them. */
const SHORTENED_NUMBER = /^\d+(?:[.,]\d+)?E\+?\d+$/i;

/** What keeps the download from standing for the codes of the group. Names lines, and never a code. */
export function importProblems(
  codes: readonly DownloadedCode[],
  { seatCount, codeLength, others }: ImportTerms,
): string[] {
  const problems: string[] = [];
  const firstLines = new Map<string, number>();
  const length = codeLength ?? codes[0]?.code.length ?? 0;
  for (const { line, code } of codes) {
    const problem = problemOf(code, length, firstLines.get(code), others.get(code));
    if (problem !== null) problems.push(`line ${line}: ${problem}`);
    if (!firstLines.has(code)) firstLines.set(code, line);
  }
  if (codes.length !== seatCount) {
    problems.unshift(
      `the file has ${countOf(codes.length, 'code')}, the group has ${countOf(seatCount, 'seat')}`,
    );
  }
  return problems;
}

function problemOf(
  code: string,
  length: number,
  firstLine: number | undefined,
  otherLabel: string | undefined,
): string | null {
  if (code === '') return 'the code is missing';
  if (SHORTENED_NUMBER.test(code) && code.length !== length) {
    return 'a spreadsheet has turned the code into a number; download the file again and do not open it in a spreadsheet';
  }
  if (!CODE.test(code))
    return 'the code has a character that codes do not have (expected letters of A to Z, digits, dots, underscores, tildes and hyphens)';
  if (code.length !== length) {
    return `the code has ${countOf(code.length, 'character')}, expected ${length}`;
  }
  if (firstLine !== undefined) return `the code stands in line ${firstLine} already`;
  if (otherLabel !== undefined) return `the code was imported for group ${otherLabel}`;
  return null;
}
