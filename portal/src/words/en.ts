import { contracts } from "./en/contracts";
import { frame } from "./en/frame";
import { inbox } from "./en/inbox";
import { patient } from "./en/patient";
import { people } from "./en/people";
import { screens } from "./en/screens";

export const en = { ...frame, ...screens, ...patient, ...inbox, ...people, ...contracts } as const;
