/** Work for the server that takes turns. */

interface Turn {
  /** Resolves when whoever comes next has given the server its work; absent where nobody comes. */
  following?: Promise<void>;
}

/** Says that the server has got its work, and only the answer is waited for. */
export type OnSent = () => void;

export interface Turns {
  /** Rejects as the work does. */
  take<Result>(work: (onSent: OnSent) => Promise<Result>): Promise<Result>;
  /** Resolves when what was begun is finished. */
  whenIdle(): Promise<unknown>;
}

/**
 * Whoever waits gives the server its work before the callers of the one before are told that theirs is done: what they do
 * then, such as preparing the next thousand events, goes on while the server is busy, and not instead.
 */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let newest: Turn = {};
  return {
    async take(work) {
      const turn: Turn = {};
      const sent = Promise.withResolvers<void>();
      newest.following = sent.promise;
      newest = turn;
      const result = last.then(() => work(sent.resolve)).finally(sent.resolve);
      last = result.catch(() => undefined);
      const answer = await result;
      await turn.following;
      return answer;
    },
    whenIdle: () => last,
  };
}
