/** The questions that staff ask every day. The README asks the same on the command line. */

export interface Report {
  readonly title: string;
  readonly query: string;
  readonly by: readonly string[];
  readonly heads: readonly string[];
}

export const reports: readonly Report[] = [
  {
    title: "Failed mails today",
    query: "action:email.sent outcome:failure time:today",
    by: ["data.type", "error.message"],
    heads: ["Kind", "Error"],
  },
  {
    title: "Orders by result today",
    query: "action:order-validation.* -data.status:pending time:today",
    by: ["data.status"],
    heads: ["Result"],
  },
  {
    title: "Validation errors this week",
    query: "action:order-validation.failed time:this-week",
    by: ["data.rules"],
    heads: ["Rule"],
  },
  {
    title: "Mail delivery by type",
    query: "action:email.sent",
    by: ["data.type", "outcome"],
    heads: ["Kind", "Result"],
  },
];

/** The same report in the console: a place behind its `#`. */
export function reportPath({ query, by }: Report): string {
  return `/reports?${new URLSearchParams({ q: query, rows: by[0]!, columns: by[1] ?? "none" }).toString()}`;
}
