import { contracts } from "./en/contracts";
import { frame } from "./en/frame";
import { inbox } from "./en/inbox";
import { messages } from "./en/messages";
import { patient } from "./en/patient";
import { people } from "./en/people";
import { screens } from "./en/screens";
import { watch } from "./en/watch";

export const en = {
  ...frame,
  ...screens,
  ...patient,
  ...inbox,
  ...messages,
  ...people,
  ...watch,
  ...contracts,
} as const;
