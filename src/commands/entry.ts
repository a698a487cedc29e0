import type { Command } from 'commander';
import type { CommandContext } from './terminal/terminal.ts';

/** A sub-command: what the overview shows, and the module that the call itself loads. */
export interface Entry {
  readonly name: string;
  readonly group: Group;
  readonly summary: string;
  /** Command lines that show how it is used, at the end of its help. */
  readonly examples: readonly string[];
  /** Gives the command its arguments, options and action. */
  readonly load: () => Promise<{ define(command: Command, context: CommandContext): void }>;
  /** Ends in its own order when the process is asked to end. All others are dropped as they are. */
  readonly stopsItself?: true;
  /** Runs on stand-ins and must not meet the settings of real tenants. */
  readonly ignoresDotEnv?: true;
}

/** Under these headings the overview lists the commands, in this order. */
export const GROUPS = {
  try: 'Try it without a tenant:',
  run: 'Run the service:',
  look: 'Look at deals:',
  act: 'Act on deals:',
  seats: 'Look at seats and act on them:',
  check: 'Check and set up:',
} as const;

export type Group = keyof typeof GROUPS;
