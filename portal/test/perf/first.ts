// OSTEON_FIRST=1 (as root, on Linux): the browser and the server of the bench go before whatever else the computer does. Without it
// the load of the computer is in each figure, six times over: slowing multiplies the time that a page waits for a processor.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { CDPSession } from "@playwright/test";

const wanted = process.env.OSTEON_FIRST === "1";
const NICE = "-15";

const parentOf = (id: string): string | undefined => {
  try {
    return /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1];
  } catch {
    return undefined;
  }
};
const threadsOf = (id: string): string[] => {
  try {
    return readdirSync(`/proc/${id}/task`);
  } catch {
    return [];
  }
};

/** All that this bench started, by now. The browser gives its processes a rank of its own as they start, so it is said again. */
export function goFirst(): void {
  if (!wanted) return;
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const parents = new Map(all.map((id) => [id, parentOf(id)]));
  // A parent that has ended gives its children to the first process, below which everything is.
  const ours = new Set([process.pid, process.ppid].filter((id) => id > 1).map(String));
  for (let grew = true; grew; ) {
    const more = all.filter((id) => !ours.has(id) && ours.has(parents.get(id) ?? ""));
    for (const id of more) ours.add(id);
    grew = more.length > 0;
  }
  try {
    execFileSync("renice", ["-n", NICE, "-p", ...[...ours].flatMap(threadsOf)], { stdio: "ignore" });
  } catch {
    // One of them has ended meanwhile; the others have been told.
  }
}

const LOOP =
  "(() => { const t = performance.now(); let x = 0; for (let i = 0; i < 4e6; i++) x = (x * 31 + i) | 0; return performance.now() - t + (x & 0); })()";

/** How long a loop takes in the page, in milliseconds, each of five times: what "slowed" comes to beside what else the computer does. */
export async function loopsTook(client: CDPSession): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; n < 5; n += 1) {
    const { result } = await client.send("Runtime.evaluate", { expression: LOOP });
    took.push(Number(result.value));
  }
  return took;
}
