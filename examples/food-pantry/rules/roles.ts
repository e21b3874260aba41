/** Who may do what: participants see to their own orders, staff to the pantry, superusers to people and settings as well. */

export const roles = ["participant", "staff", "superuser"] as const;
export type Role = (typeof roles)[number];

export function hasRole(role: Role, atLeast: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(atLeast);
}
