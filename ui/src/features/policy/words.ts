import type { PolicyDto } from "@/ipc/keeping";
import { tIfAny } from "@/lib/i18n";

/** A key of the policy, as people call it. */
export const label = (key: string) => tIfAny(`policy.keys.${key}`) ?? key;

/** A value that is a word, as people say it. */
export const word = (value: string) => tIfAny(`policy.words.${value}`) ?? value;

/** Whether a change of one of these keys waits for a second administrator. */
export const waits = (policy: PolicyDto, ...keys: string[]) => policy.proposals.some((p) => keys.includes(p.key));
