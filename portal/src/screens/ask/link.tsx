// The way from a field to what was written about it, and to a new conversation.
import { address } from "../../app/router";
import { t } from "../../words";

interface AskLinkProps {
  readonly circle: bigint;
  readonly recordId: string;
  readonly field: number;
}

export function AskLink({ circle, recordId, field }: AskLinkProps) {
  const ask = { circle: String(circle), record: recordId, field: String(field) };
  return (
    <div>
      <a class="note" href={address({ name: "messages", ask })}>
        {t("messages.ask")}
      </a>
    </div>
  );
}
