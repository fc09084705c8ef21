/** Without a second factor; Rust decides, this only says so early. */
export const PASSWORD_MIN = 15;

export type RuleId = "length" | "name" | "same";
export type Rule = { id: RuleId; met: boolean; have: number };

/** What can be said of a password while it is typed. Common passwords are refused by Rust, which has the list. */
export function passwordRules(name: string, password: string, repeat: string): Rule[] {
  const have = [...password].length;
  const differs = password.trim().toLowerCase() !== name.trim().toLowerCase();
  return [
    { id: "length", met: have >= PASSWORD_MIN, have },
    { id: "name", met: have > 0 && differs, have },
    { id: "same", met: have > 0 && password === repeat, have },
  ];
}
