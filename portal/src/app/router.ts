// Every place has an address, behind the `#`: the portal works under any path, and no place reaches a server's log.
import { computed, signal } from "@preact/signals";

/** Places and what their addresses hold: `:name` is a part of the path, the rest are questions of it. */
export const PLACES = {
  work: { path: "work", ask: ["team", "q"] },
  reviews: { path: "reviews", ask: ["circle", "field"] },
  alerts: { path: "alerts", ask: ["circle", "alert", "show"] },
  messages: { path: "messages", ask: ["circle", "thread", "record", "field"] },
  phones: { path: "phones", ask: [] },
  people: { path: "people", ask: [] },
  circle: { path: "people/:case", ask: [] },
  patient: { path: "patient/:case", ask: ["window", "type", "as"] },
  plan: { path: "patient/:case/plan/:record", ask: ["field", "proposal"] },
  visit: { path: "patient/:case/visit", ask: ["since"] },
  access: { path: "patient/:case/access", ask: ["as"] },
  audit: { path: "patient/:case/audit", ask: ["kind", "account", "from", "to"] },
  quality: { path: "quality", ask: ["days", "circle"] },
  glass: { path: "emergency-access", ask: ["case"] },
  accesses: { path: "emergency-accesses", ask: ["show"] },
} as const;

export type PlaceName = keyof typeof PLACES;
type Parts<P extends string> = P extends `${infer Head}/${infer Tail}`
  ? Parts<Head> | Parts<Tail>
  : P extends `:${infer N}`
    ? N
    : never;
type Part<N extends PlaceName> = Parts<(typeof PLACES)[N]["path"]>;
type Ask<N extends PlaceName> = (typeof PLACES)[N]["ask"][number];
export type PlaceOf<N extends PlaceName> = { readonly name: N } & Readonly<Record<Part<N>, string>> & {
    readonly ask: Readonly<Partial<Record<Ask<N>, string>>>;
  };
export type Place = { [N in PlaceName]: PlaceOf<N> }[PlaceName];

type Loose = { name: PlaceName; ask: Record<string, string> } & Record<string, unknown>;

/** The place of an address; nothing where there is none. */
export function parse(hash: string): Place | undefined {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?");
  const given = path.split("/").filter((part) => part !== "");
  for (const [name, { path: pattern, ask }] of Object.entries(PLACES)) {
    const wanted = pattern.split("/");
    if (wanted.length !== given.length) continue;
    const place: Loose = { name: name as PlaceName, ask: {} };
    const fits = wanted.every((part, at) => {
      const is = given[at] ?? "";
      if (!part.startsWith(":")) return part === is;
      const value = decode(is);
      place[part.slice(1)] = value;
      return value !== "";
    });
    if (!fits) continue;
    const asked = new URLSearchParams(query);
    for (const key of ask as readonly string[]) {
      const value = asked.get(key);
      if (value !== null && value !== "") place.ask[key] = value;
    }
    return place as unknown as Place;
  }
  return undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

export function address(place: Place): string {
  const loose = place as unknown as Loose;
  const path = PLACES[place.name].path
    .split("/")
    .map((part) => (part.startsWith(":") ? encodeURIComponent(String(loose[part.slice(1)])) : part))
    .join("/");
  const asked = Object.entries(loose.ask).filter(([, value]) => value !== undefined && value !== "");
  const query = new URLSearchParams(asked).toString();
  return `#/${path}${query === "" ? "" : `?${query}`}`;
}

const START: Place = { name: "work", ask: {} };

export const place = signal<Place>(START);
/** For whom another question at the same place is nothing new. */
export const placeName = computed(() => place.value.name);
export const placeCase = computed(() => ("case" in place.value ? place.value.case : undefined));
/** Set where an address leads nowhere. */
export const lost = signal(false);

export function startRouter(): void {
  const read = () => {
    const found = location.hash === "" ? START : parse(location.hash);
    lost.value = found === undefined;
    place.value = found ?? START;
  };
  addEventListener("hashchange", read);
  read();
}

export function go(to: Place): void {
  location.hash = address(to);
}

/** The same place with another question: no new entry in the way back. */
export function turn(to: Place): void {
  history.replaceState(null, "", address(to));
  place.value = to;
}
