// Who sits here, in which roles, in words: on the screen and on paper.
import { roleWord } from "../value/who";
import { t } from "../words";
import { me } from "./me";

export function whoIs(): string {
  const roles = new Set((me.value?.circles ?? []).map((one) => one.role));
  const role = [...roles].map(roleWord).join(", ");
  return t("frame.who", { role, account: String(me.value?.account ?? "") });
}
