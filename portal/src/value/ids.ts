// Ids of records: text in calls, sixteen bytes inside of records.
export const bytesOf = (uuid: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(uuid.replaceAll("-", "").match(/../g) ?? [], (two) => Number.parseInt(two, 16));

export const uuidOf = (bytes: Uint8Array): string =>
  [...bytes]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
