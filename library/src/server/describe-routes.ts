/** The route table as text for people: docs/reference/http-api.md. */

import { z } from "zod";

import { roles, type Access, type Route } from "./route.ts";

/** One section for each area, one for each route in it. */
export function describeRoutes(routes: readonly Route[]): string {
  const areas = [...new Set(routes.map(({ area }) => area))];
  const sections = areas.map((area) => [`## ${area}`, ...routes.filter((row) => row.area === area).map(describeRoute)]);
  return [...sections.flat(), "## Shapes", ...describeShapes(routes)].join("\n\n");
}

/** Shapes that have a name of their own and are met in several answers. */
function describeShapes(routes: readonly Route[]): readonly string[] {
  const known: Record<string, Shape> = {};
  for (const { answer } of routes) {
    if (answer.schema === undefined) continue;
    const json = jsonSchemaOf(answer.schema);
    Object.assign(known, json.$defs, json.id === undefined ? {} : { [json.id]: json });
  }
  const names = Object.keys(known).toSorted();
  return names.map((name) => `### ${name}\n\n\`\`\`text\n${showShape({ ...known[name]!, id: "" }, "")}\n\`\`\``);
}

function jsonSchemaOf(schema: z.ZodType, io: "input" | "output" = "output"): Shape {
  return z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Shape;
}

function describeRoute(row: Route): string {
  const { name, method, path, says, answer, errors = [] } = row;
  const parts = [
    `### ${method} ${path}`,
    `\`${name}\`: ${says}`,
    `*For ${describeAccess(row.access)}.*`,
    ...describeInput("Parameters", row.query),
    ...(row.body === undefined ? [] : describeInput("Body", row.body as z.ZodObject)),
    describeAnswer(answer),
    ...(errors.length === 0 ? [] : [`Errors: ${errors.map((code) => `\`${code}\``).join(", ")}.`]),
  ];
  return parts.join("\n\n");
}

function describeAccess(access: Access): string {
  if (access.kind === "anyone") return "anyone";
  if (access.kind === "embed-token") return "bearers of an embed token";
  const isForAll = access.roles.length === roles.length;
  const people = isForAll ? ["everyone who has signed in"] : access.roles.map((role) => `${role}s`);
  const keys = access.scope === undefined ? [] : [`keys with the scope \`${access.scope}\``];
  return [...people, ...keys].join(", and ");
}

function describeInput(title: string, schema: z.ZodObject | undefined): readonly string[] {
  if (schema === undefined) return [];
  const rows = Object.entries(schema.shape).map(([name, member]) => {
    const inner = member as z.ZodType;
    const required = inner.safeParse(undefined).success ? "" : " **(required)**";
    return `- \`${name}\`${required}: ${describeType(inner)}${inner.description === undefined ? "" : `. ${inner.description}`}`;
  });
  return [`${title}:`, rows.join("\n")];
}

function describeAnswer({ status, says, type = "application/json", schema }: Route["answer"]): string {
  if (schema === undefined) return `Answers ${status}${status === 204 ? "" : ` as \`${type}\``}: ${says}`;
  return `Answers ${status}: ${says}\n\n\`\`\`text\n${showShape(jsonSchemaOf(schema), "")}\n\`\`\``;
}

interface Shape {
  readonly type?: string | readonly string[];
  readonly id?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Shape>>;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly description?: string;
  readonly additionalProperties?: Shape | boolean;
}

function describeType(schema: z.ZodType): string {
  return showShape({ ...jsonSchemaOf(schema, "input"), description: "" }, "", true);
}

/** A shape as `{ name: type, … }`, one member a line; of named shapes the name. */
function showShape(shape: Shape, indent: string, flat = false): string {
  const name = shape.$ref?.split("/").at(-1) ?? shape.id ?? "";
  if (name !== "") return name;
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (shape.enum !== undefined) return shape.enum.map((value) => JSON.stringify(value)).join(" | ");
  const several = shape.anyOf ?? shape.oneOf;
  if (several !== undefined) return several.map((each) => showShape(each, indent, flat)).join(" | ");
  if (shape.type === "array") return showList(showShape(shape.items ?? {}, indent, flat));
  if (shape.properties !== undefined) return showMembers(shape, indent, flat);
  if (shape.type === "object")
    return `{ [name]: ${typeof shape.additionalProperties === "object" ? showShape(shape.additionalProperties, indent, flat) : "any"} }`;
  return shape.type === undefined ? "any" : [shape.type].flat().join(" | ");
}

function showList(item: string): string {
  return item.includes(" | ") && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
}

function showMembers(shape: Shape, indent: string, flat: boolean): string {
  const inner = `${indent}  `;
  const members = Object.entries(shape.properties ?? {}).map(([name, member]) => {
    const mark = (shape.required ?? []).includes(name) ? "" : "?";
    const says = flat || member.description === undefined ? "" : `  // ${member.description}`;
    return { text: `${name}${mark}: ${showShape(member, inner, flat)}`, says };
  });
  if (flat) return `{ ${members.map(({ text }) => text).join(", ")} }`;
  return `{\n${members.map(({ text, says }) => `${inner}${text}${says}`).join("\n")}\n${indent}}`;
}
