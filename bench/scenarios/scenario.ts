export interface Scenario {
  readonly name: string;
  readonly says: string;
  run(run: ScenarioRun): Promise<ScenarioResult>;
}

export interface ScenarioRun {
  /** An empty directory, removed afterwards. */
  readonly directory: string;
  /** Multiplies the load; below 1 for a smoke test. */
  readonly factor: number;
  /** Tells a person how it goes. */
  readonly say: (line: string) => void;
}

/** Every ratio is better when higher; for a limit it is limit ÷ measured, and its target is 1. */
export interface ScenarioResult {
  readonly ratios: Readonly<Record<string, number>>;
  readonly targets: Readonly<Record<string, number>>;
}
