import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface WorkerOrder {
  readonly address: string;
  readonly bundlePath: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where a worker finds what its predecessor left. */
  readonly folder: string;
}

interface Seat {
  child: ChildProcess;
  isReady: boolean;
}

const MODULE = fileURLToPath(new URL('./worker-process.ts', import.meta.url));

/** Worker processes; one that ends, however it ends, is replaced, as a supervisor would do it. */
export class Workers {
  killCount = 0;
  readonly #order: WorkerOrder;
  readonly #seats: Seat[];
  #isStopping = false;

  constructor(order: WorkerOrder, count: number) {
    this.#order = order;
    this.#seats = Array.from({ length: count }, () => ({ child: this.#spawn(), isReady: false }));
    for (const seat of this.#seats) this.#watch(seat);
  }

  get areAllReady(): boolean {
    return this.#seats.every(({ isReady }) => isReady);
  }

  /** Ends one at once, as the kernel does when memory runs out. */
  kill(index: number): void {
    const seat = this.#seats[index % this.#seats.length];
    if (seat === undefined) return;
    this.killCount += 1;
    seat.isReady = false;
    seat.child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(
      this.#seats.map(async ({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;
      }),
    );
  }

  #spawn(): ChildProcess {
    return spawn(process.execPath, ['--no-warnings', MODULE, JSON.stringify(this.#order)], {
      // Our end of its input closes with us, however we end.
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  }

  #watch(seat: Seat): void {
    seat.child.stdout?.once('data', () => {
      seat.isReady = true;
    });
    seat.child.once('exit', () => {
      seat.isReady = false;
      if (this.#isStopping) return;
      seat.child = this.#spawn();
      this.#watch(seat);
    });
  }
}
