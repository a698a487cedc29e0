import { COMMAND_NAMES } from '../../../src/commands/program.ts';
import { entry, type TextSection } from './entry.ts';
import { printed } from './terminal.ts';

const SUBCOMMANDS: Readonly<Record<string, readonly string[]>> = {
  catalog: ['check', 'schema'],
  codes: ['import'],
  mail: ['preview'],
  seats: [
    'find',
    'history',
    'link',
    'export',
    'revoke',
    'reassign',
    'extend',
    'shorten',
    'reissue',
    'grant',
    'audit',
    'settle',
    'operation',
  ],
};

export async function help(): Promise<TextSection> {
  const calls = [
    [],
    ...COMMAND_NAMES.flatMap((name) => [
      [name],
      ...(SUBCOMMANDS[name] ?? []).map((subcommand) => [name, subcommand]),
    ]),
  ];
  const entries = [];
  for (const words of calls) {
    const text = await printed([...words, '--help']);
    entries.push(entry(['dealseat', ...words, '--help'].join(' '), text, words));
  }
  return { title: 'Help of the commands', reader: 'operator', entries };
}
