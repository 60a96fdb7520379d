// The list somebody came from: `[` and `]` go to its previous and next patient.
let list: readonly string[] = [];

export const rememberList = (cases: readonly string[]): void => {
  list = cases;
};

export function neighbour(shortId: string, by: 1 | -1): string | undefined {
  const at = list.indexOf(shortId);
  return at < 0 ? undefined : list[at + by];
}
