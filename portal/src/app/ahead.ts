// What the first page reads is asked for while the server is asked who sits here: both go by the same cookie. It is used once, and
// by nobody where the answer is that nobody sits here.
let asked: { readonly key: string; readonly answer: Promise<unknown> } | undefined;

export function askAhead(key: string, load: () => Promise<unknown>): void {
  const answer = load();
  answer.catch(() => undefined);
  asked = { key, answer };
}

/** What was asked for under this key. Whatever it is, it is gone then. */
export function takeAhead<T>(key: string): Promise<T> | undefined {
  const found = asked?.key === key ? (asked.answer as Promise<T>) : undefined;
  asked = undefined;
  return found;
}

export const dropAhead = (): void => {
  asked = undefined;
};
