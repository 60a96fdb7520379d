// Conversations in the test's own memory, as the contract tells of them: for pages alone. What the server does with them is tested
// with the server.
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import type { Page } from "@playwright/test";
import { Role } from "../../gen/osteon/meta/v1/options_pb";
import * as thread from "../../gen/osteon/thread/v1/thread_service_pb";
import { asked, reply } from "./grpc";

interface Who {
  readonly account: bigint;
  readonly role: Role;
}

interface Kept {
  readonly head: thread.Thread;
  readonly messages: thread.ThreadMessage[];
}

export class Threads {
  readonly kept: Kept[] = [];
  /** Refuses the next write with this sentence. */
  refuseNext = "";
  readonly requestIds: string[] = [];
  #sequence = 0n;
  readonly #roles = new Map<bigint, Role>();

  open(who: Who, said: MessageInitShape<typeof thread.OpenThreadRequestSchema>): Kept {
    const request = create(thread.OpenThreadRequestSchema, said);
    const accounts = [who.account, ...request.accounts];
    const head = create(thread.ThreadSchema, {
      circle: request.circle,
      shortId: `d000${request.circle}`,
      recordId: crypto.randomUUID(),
      thread: this.kept.length + 1,
      title: request.title,
      ...(request.about ? { about: { ...request.about, type: request.about.type || 201 } } : {}),
      everybody: request.everybody,
      openedBy: who.account,
      openedRole: who.role,
      opened: timestampNow(),
      mayWrite: true,
      participants: accounts.map((account) => ({
        account,
        role: account === who.account ? who.role : (this.#roles.get(account) ?? Role.PHYSICIAN),
        takesPart: true,
      })),
    });
    const made = { head, messages: [] };
    this.kept.unshift(made);
    this.say(made, who, request.text);
    return made;
  }

  say(one: Kept, who: Who, text: string, supersedes = ""): thread.ThreadMessage {
    this.#sequence += 1n;
    const now = timestampNow();
    const message = create(thread.ThreadMessageSchema, {
      recordId: crypto.randomUUID(),
      ...who,
      text,
      written: now,
      received: now,
      sequence: this.#sequence,
      supersedes,
    });
    one.messages.unshift(message);
    return message;
  }

  knows(who: Who): void {
    this.#roles.set(who.account, who.role);
  }

  #told(one: Kept, who: Who): thread.Thread {
    const mark = one.head.participants.find((part) => part.account === who.account)?.seenSequence ?? 0n;
    const last = one.messages[0];
    return create(thread.ThreadSchema, {
      ...one.head,
      ...(last ? { last, sequence: last.sequence } : {}),
      unread: one.messages.filter((message) => message.account !== who.account && message.sequence > mark).length,
    });
  }

  #of(recordId: string, who: Who): Kept | undefined {
    const found = this.kept.find((one) => one.head.recordId === recordId);
    return found?.head.participants.some((part) => part.account === who.account && part.takesPart) ? found : undefined;
  }

  async on(page: Page, who: Who): Promise<void> {
    this.knows(who);
    await page.route("**/osteon.thread.v1.ThreadService/*", async (route) => {
      const name = route.request().url().split("/").at(-1) ?? "";
      const none = { refused: 5, says: "there is none" };
      if (name === "ListThreads") {
        const request = asked(route, thread.ListThreadsRequestSchema);
        const mine = this.kept
          .filter((one) => this.#of(one.head.recordId, who))
          .filter(({ head }) => request.circle === 0n || head.circle === request.circle)
          .filter(({ head }) => request.recordId === "" || head.about?.recordId === request.recordId)
          .map((one) => this.#told(one, who));
        const threads = mine.filter((one) => !request.unread || one.unread > 0);
        const unread = mine.filter((one) => one.unread > 0).length;
        const answer = create(thread.ListThreadsResponseSchema, { threads, total: threads.length, unread });
        return reply(route, thread.ListThreadsResponseSchema, answer);
      }
      if (name === "GetThread") {
        const request = asked(route, thread.GetThreadRequestSchema);
        const one = this.#of(request.recordId, who);
        if (!one) return reply(route, thread.GetThreadResponseSchema, none);
        const size = request.pageSize || 50;
        const from = Number(request.pageToken || 0);
        const next = from + size < one.messages.length ? String(from + size) : "";
        const said = {
          thread: this.#told(one, who),
          messages: one.messages.slice(from, from + size),
          nextPageToken: next,
          asOfSequence: this.#sequence,
        };
        return reply(route, thread.GetThreadResponseSchema, create(thread.GetThreadResponseSchema, said));
      }
      if (this.refuseNext !== "") {
        const says = this.refuseNext;
        this.refuseNext = "";
        return reply(route, thread.SendMessageResponseSchema, { refused: 9, says });
      }
      if (name === "OpenThread") {
        const request = asked(route, thread.OpenThreadRequestSchema);
        this.requestIds.push(request.requestId);
        const told = this.#told(this.open(who, request), who);
        return reply(route, thread.OpenThreadResponseSchema, create(thread.OpenThreadResponseSchema, { thread: told }));
      }
      if (name === "SendMessage") {
        const request = asked(route, thread.SendMessageRequestSchema);
        this.requestIds.push(request.requestId);
        const one = this.#of(request.recordId, who);
        if (!one) return reply(route, thread.SendMessageResponseSchema, none);
        const message = this.say(one, who, request.text, request.supersedes);
        return reply(route, thread.SendMessageResponseSchema, create(thread.SendMessageResponseSchema, { message }));
      }
      if (name === "MarkThreadSeen") {
        const request = asked(route, thread.MarkThreadSeenRequestSchema);
        const part = this.#of(request.recordId, who)?.head.participants.find((one) => one.account === who.account);
        if (part) Object.assign(part, { seenSequence: request.sequence, seenAt: timestampNow() });
        const answer = create(thread.MarkThreadSeenResponseSchema, part ? { seen: part } : {});
        return reply(route, thread.MarkThreadSeenResponseSchema, answer);
      }
      const request = asked(route, thread.SetParticipantRequestSchema);
      const one = this.#of(request.recordId, who);
      if (!one) return reply(route, thread.SetParticipantResponseSchema, none);
      const parts = one.head.participants;
      const part = parts.find((of) => of.account === request.account);
      if (part) part.takesPart = request.takesPart;
      else {
        const role = this.#roles.get(request.account) ?? Role.PHYSICIAN;
        parts.push(create(thread.ThreadParticipantSchema, { account: request.account, role, takesPart: true }));
      }
      const gone = this.#of(request.recordId, who) === undefined;
      const answer = create(thread.SetParticipantResponseSchema, gone ? {} : { thread: this.#told(one, who) });
      return reply(route, thread.SetParticipantResponseSchema, answer);
    });
  }
}
