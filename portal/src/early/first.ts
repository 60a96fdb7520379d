// The first questions of a page as bytes: who sits here, and the first rows of the work list. By hand, because the code that makes
// messages is what they do not wait for; a test compares them with what that code makes.

/** Where the answers wait for whoever asks the same. */
export interface Early {
  /** The view under which the list was asked for. */
  readonly view: string;
  /** By path below the server's root. */
  readonly calls: Map<string, EarlyCall>;
}

export interface EarlyCall {
  readonly body: Uint8Array | string;
  readonly answer: Promise<Response>;
}

declare global {
  var osteonEarly: Early | undefined;
}

export interface Question {
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer> | string;
}

const GRPC_WEB = "application/grpc-web+proto";
const PAGE = 50;
const FILTER_ALL = 3;

/** No flags, the length, the message. */
const framed = (message: readonly number[]) => new Uint8Array([0, 0, 0, 0, message.length, ...message]);

const list = (view: string) => {
  const id = [...view].map((one) => one.charCodeAt(0));
  return framed([0x08, FILTER_ALL, 0x20, PAGE, 0x32, id.length, ...id]);
};

/** What a page at this address asks first. */
export function firstQuestions(hash: string, view: string): Question[] {
  const who: Question[] = [
    { path: "web/me", type: "application/json", body: "{}" },
    { path: "osteon.identity.v1.SessionService/GetMe", type: GRPC_WEB, body: framed([]) },
  ];
  if (hash !== "" && hash !== "#/work") return who;
  return [...who, { path: "osteon.worklist.v1.WorklistService/ListWork", type: GRPC_WEB, body: list(view) }];
}
