import type { BehaviourInput } from '../src/simulator/behaviour.js';
import { behave, totals } from '../src/simulator/simulator-client.js';
import { type SpawnedSimulator, spawnSimulator } from '../src/simulator/spawn-simulator.js';

/**
 * How the gateway is while nothing is wrong with it: slow enough that there is always something under way, and now and
 * then as gateways are.
 */
const HEALTHY: BehaviourInput = {
  latency: { minMs: 5, maxMs: 80 },
  outcomes: [
    { outcome: 'ok', weight: 970 },
    { outcome: '500', weight: 10 },
    { outcome: '503', weight: 5 },
    { outcome: '400', weight: 4 },
    { outcome: 'drop-before-reading', weight: 3 },
    { outcome: 'drop-after-accept', weight: 3 },
    { outcome: 'hang', accepts: true, weight: 1 },
    { outcome: 'garbage', accepts: true, weight: 2 },
    { outcome: 'no-code', weight: 2 },
  ],
};

/** The simulator, which may be killed: its port, its ledger and its moods survive it. */
export class Gateway {
  #simulator: SpawnedSimulator;
  #expected = false;
  /** Until it is back: on a busy machine that takes longer than the plan gives it. */
  #back: Promise<void> = Promise.resolve();
  #isBack = () => {};
  readonly #seed: number;
  readonly #port: number;
  readonly #dir: string;
  readonly #complain: (complaint: string) => void;

  private constructor(simulator: SpawnedSimulator, seed: number, dir: string, complain: (complaint: string) => void) {
    this.#simulator = simulator;
    this.#seed = seed;
    this.#port = Number(new URL(simulator.url).port);
    this.#dir = dir;
    this.#complain = complain;
    this.#watch();
  }

  static async start(dir: string, seed: number, complain: (complaint: string) => void): Promise<Gateway> {
    return new Gateway(await spawnSimulator({ dir, behaviour: { ...HEALTHY, seed } }), seed, dir, complain);
  }

  get url(): string {
    return this.#simulator.url;
  }

  get ledgerFile(): string {
    return this.#simulator.ledgerFile;
  }

  /** @param mood what differs from a healthy gateway; nothing: it is well again */
  async behave(mood: BehaviourInput = {}): Promise<void> {
    await this.#back;
    await behave(this.#simulator.controlUrl, { ...HEALTHY, ...mood, seed: this.#seed });
  }

  /** @returns whether it answers at all, however it feels */
  async isThere(): Promise<boolean> {
    return await fetch(`${this.#simulator.controlUrl}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
  }

  async kill(): Promise<void> {
    this.#expected = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#back = promise;
    this.#isBack = resolve;
    this.#simulator.kill('SIGKILL');
    await this.#simulator.ended;
  }

  async restart(): Promise<void> {
    const behaviour = { ...HEALTHY, seed: this.#seed };
    this.#simulator = await spawnSimulator({ dir: this.#dir, port: this.#port, behaviour });
    this.#expected = false;
    this.#watch();
    this.#isBack();
  }

  async totals() {
    return await totals(this.#simulator.controlUrl);
  }

  async close(): Promise<void> {
    this.#expected = true;
    await this.#simulator.close();
  }

  #watch(): void {
    void this.#simulator.ended.then(() => {
      if (!this.#expected) this.#complain('the simulator ended by itself');
    });
  }
}
