import { contracts } from "./en/contracts";
import { frame } from "./en/frame";
import { inbox } from "./en/inbox";
import { patient } from "./en/patient";
import { screens } from "./en/screens";

export const en = { ...frame, ...screens, ...patient, ...inbox, ...contracts } as const;
