// A code that people read out and type: two groups of four.
export function Code({ code }: { code: string }) {
  const groups = code.match(/.{1,4}/g) ?? [];
  return <strong class="code">{groups.join(" ")}</strong>;
}
