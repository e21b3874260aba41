import type { Actor } from "../../event/event.ts";
import { membersOf, textOf, withoutMissing, type Members } from "./cloudtrail-record.ts";

const actorTypes: Readonly<Record<string, string>> = {
  IAMUser: "user",
  IdentityCenterUser: "user",
  Root: "root",
  Role: "role",
  AssumedRole: "role-session",
  FederatedUser: "federated-user",
  SAMLUser: "federated-user",
  WebIdentityUser: "federated-user",
  AWSAccount: "account",
  AWSService: "service",
  Directory: "directory",
};

/**
 * Who called. The actor is the identity whose rights were used; the service that called with them is its `agent`. A role
 * session acts for its role, and for whoever the session says it was opened for.
 */
export function mapIdentity(identity: Members | undefined): {
  readonly actor: Actor;
  readonly onBehalfOf?: readonly Actor[];
} {
  const onBehalfOf = principalsOf(identity);
  return { actor: actorOf(identity), ...(onBehalfOf.length === 0 ? {} : { onBehalfOf }) };
}

function actorOf(identity: Members | undefined): Actor {
  const said = textOf(identity, "type");
  const invokedBy = textOf(identity, "invokedBy");
  const id = textOf(identity, "arn") ?? textOf(identity, "principalId") ?? textOf(identity, "userName");
  if (id === undefined && invokedBy !== undefined) return { type: "service", id: invokedBy };
  const account = textOf(identity, "accountId");
  const type =
    said === undefined
      ? id === undefined && account !== undefined
        ? "account"
        : "unknown"
      : (actorTypes[said] ?? "unknown");
  const issuer = membersOf(membersOf(identity, "sessionContext"), "sessionIssuer");
  const role = textOf(issuer, "arn");
  return withoutMissing({
    type,
    id: id ?? account,
    name: textOf(identity, "userName") ?? sessionName(id, said),
    roles: role === undefined ? undefined : [role],
    credential: textOf(identity, "accessKeyId"),
    agent: invokedBy,
  });
}

/** `arn:aws:sts::1:assumed-role/Role/session` is known to people as `session`. */
function sessionName(id: string | undefined, type: string | undefined): string | undefined {
  const last = id?.split("/").at(-1);
  return type === "AssumedRole" && last !== id ? last : undefined;
}

function principalsOf(identity: Members | undefined): readonly Actor[] {
  const session = membersOf(identity, "sessionContext");
  const issuer = membersOf(session, "sessionIssuer");
  const chain: Actor[] = [];
  const issuerId = textOf(issuer, "arn") ?? textOf(issuer, "principalId");
  if (issuerId !== undefined) {
    const type = actorTypes[textOf(issuer, "type") ?? "Role"] ?? "role";
    chain.push(withoutMissing({ type, id: issuerId, name: textOf(issuer, "userName") }));
  }
  const provider = textOf(membersOf(session, "webIdFederationData"), "federatedProvider");
  if (provider !== undefined) chain.push({ type: "identity-provider", id: provider });
  const source = textOf(session, "sourceIdentity");
  if (source !== undefined) chain.push({ type: "user", id: source });
  const person = textOf(membersOf(identity, "onBehalfOf"), "userId");
  if (person !== undefined) chain.push({ type: "user", id: person });
  return chain;
}
