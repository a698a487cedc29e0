import { type Config, loadConfig } from '../../config/config.ts';
import { type OpenSeatDesk, openSeatDesk } from '../../processes/open-seat-desk.ts';
import type { CommandContext } from '../terminal/terminal.ts';

/** What a command has that asks about seats or acts on them. */
export interface SeatSession extends OpenSeatDesk {
  readonly config: Config;
}

/** Opens the desk of seats for `work` and closes it. */
export async function withSeats<T>(
  { terminal }: CommandContext,
  work: (session: SeatSession) => Promise<T>,
): Promise<T> {
  const config = loadConfig(terminal.env);
  const opened = await (terminal.openSeats ?? openSeatDesk)({ config, env: terminal.env });
  try {
    return await work({ ...opened, config });
  } finally {
    await opened.close();
  }
}
