import type { OuterProgram } from './bring-program.ts';

/** Reads rosters as a buyer's spreadsheet does. */
export const LIBREOFFICE: OuterProgram = {
  title: 'LibreOffice',
  names: ['soffice'],
  // Where installers put it without naming it in PATH.
  folders: [
    '/usr/lib/libreoffice/program',
    '/opt/libreoffice/program',
    '/Applications/LibreOffice.app/Contents/MacOS',
  ],
  aptPackage: 'libreoffice-calc',
  purpose: 'which the tests of spreadsheets open rosters with',
  usualTime: 'a minute or two',
  lack: 'NOT RUN: test/spreadsheets.',
};
