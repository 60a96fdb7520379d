import { contracts } from "./en/contracts";
import { frame } from "./en/frame";
import { patient } from "./en/patient";
import { screens } from "./en/screens";

export const en = { ...frame, ...screens, ...patient, ...contracts } as const;
