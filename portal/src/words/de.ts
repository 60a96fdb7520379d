import type { Words } from ".";
import { contracts } from "./de/contracts";
import { frame } from "./de/frame";
import { inbox } from "./de/inbox";
import { messages } from "./de/messages";
import { patient } from "./de/patient";
import { people } from "./de/people";
import { screens } from "./de/screens";
import { watch } from "./de/watch";

export const de: Words = { ...frame, ...screens, ...patient, ...inbox, ...messages, ...people, ...watch, ...contracts };
export { types } from "./de/types";
