// Photos and papers of an entry: asked for one by one, checked by their name, shown from memory and let go with the page.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { AttachmentService, MediaType } from "../../gen/osteon/attachment/v1/attachment_service_pb";
import type { RecordView } from "../../gen/osteon/record/v1/record_service_pb";
import { client, tried } from "../rpc/call";
import { type Failure, failureOf } from "../rpc/failure";
import { attachmentsOf } from "../value/attachments";
import { typeTitle } from "../value/say";
import { t } from "../words";

const TYPES: Partial<Record<MediaType, string>> = {
  [MediaType.JPEG]: "image/jpeg",
  [MediaType.PNG]: "image/png",
  [MediaType.WEBP]: "image/webp",
  [MediaType.HEIC]: "image/heic",
  [MediaType.PDF]: "application/pdf",
};
/** What this browser draws; the others are opened by a program of the PC. */
const DRAWN: readonly string[] = ["image/jpeg", "image/png", "image/webp"];

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOf = (name: string) => Uint8Array.from(name.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

interface Of {
  readonly circle: bigint;
  readonly record: RecordView;
  /** SHA-256 of the bytes, in hexadecimal digits. */
  readonly name: string;
}

/** All of it; `undefined`: what came is not what the entry names. */
async function read({ circle, record, name }: Of, signal: AbortSignal): Promise<Blob | undefined> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  let type = "";
  for (;;) {
    const request = { circle, recordId: record.recordId, sha256: bytesOf(name), offset: BigInt(offset) };
    const answer = await tried(() => client(AttachmentService).readAttachment(request, { signal }), { signal });
    type = TYPES[answer.mediaType] ?? "";
    pieces.push(Uint8Array.from(answer.data));
    offset += answer.data.length;
    if (answer.data.length === 0 || BigInt(offset) >= answer.size) break;
  }
  const blob = new Blob(pieces, { type });
  const sum = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return hex(new Uint8Array(sum)) === name && type !== "" ? blob : undefined;
}

type Stands =
  | { readonly is: "asked" | "loading" | "wrong" }
  | { readonly is: "here"; readonly url: string; readonly type: string }
  | { readonly is: "failed"; readonly failure: Failure };

function Photo(of: Of & { readonly n: number }) {
  const stands = useSignal<Stands>({ is: "asked" });
  const asked = useSignal(0);
  useEffect(() => {
    if (asked.value === 0) return undefined;
    const mine = new AbortController();
    let url = "";
    stands.value = { is: "loading" };
    read(of, mine.signal).then(
      (blob) => {
        if (mine.signal.aborted) return;
        url = blob ? URL.createObjectURL(blob) : "";
        stands.value = blob ? { is: "here", url, type: blob.type } : { is: "wrong" };
      },
      (thrown) => {
        if (!mine.signal.aborted) stands.value = { is: "failed", failure: failureOf(thrown) };
      },
    );
    // Nothing of it stays when the page is left.
    return () => {
      mine.abort();
      if (url !== "") URL.revokeObjectURL(url);
    };
  }, [asked.value, of.name]);
  const now = stands.value;
  const what = t("photo.of", { n: of.n, type: typeTitle(of.record.type) });
  if (now.is === "here" && DRAWN.includes(now.type)) return <img class="photo" src={now.url} alt={what} />;
  if (now.is === "here") {
    return (
      <a href={now.url} download={`${of.name.slice(0, 12)}.${now.type === "application/pdf" ? "pdf" : "heic"}`}>
        {t("photo.open", { what })}
      </a>
    );
  }
  return (
    <>
      <button type="button" disabled={now.is === "loading"} onClick={() => (asked.value += 1)}>
        {t(now.is === "loading" ? "photo.loading" : "photo.show", { what })}
      </button>
      {now.is === "wrong" && <span role="alert">{t("photo.wrong")}</span>}
      {now.is === "failed" && <span role="alert">{t("photo.failed")}</span>}
    </>
  );
}

interface PhotosProps {
  readonly circle: bigint;
  readonly record: RecordView;
  /** Those of one field; unset: of all. */
  readonly field?: number;
}

export function Photos({ circle, record, field }: PhotosProps) {
  const names = attachmentsOf(record, field);
  if (names.length === 0) return null;
  return (
    <div class="photos">
      {names.map((name, at) => (
        <Photo key={name} circle={circle} record={record} name={name} n={at + 1} />
      ))}
    </div>
  );
}
