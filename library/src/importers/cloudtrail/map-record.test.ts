import { expect, test } from "vitest";

import type { MappedEvent } from "../importer.ts";
import { mapRecord } from "./map-record.ts";

const smallest = {
  ...{
    eventVersion: "1.08",
    eventID: "e-1",
    eventTime: "2023-07-10T11:42:18Z",
    eventSource: "s3.amazonaws.com",
    eventName: "GetObject",
  },
  ...{
    awsRegion: "us-east-1",
    sourceIPAddress: "192.0.2.1",
    userAgent: "aws-cli/2",
    requestID: "r-1",
    recipientAccountId: "111122223333",
  },
};

function map(members: object): MappedEvent {
  const reading = mapRecord(JSON.stringify({ ...smallest, ...members }));
  if (!("event" in reading)) throw new Error(JSON.stringify(reading));
  return reading.event;
}

test("a call of a user", () => {
  const userIdentity = { type: "IAMUser", arn: "arn:aws:iam::1:user/ann", userName: "ann", accessKeyId: "AKIAEXAMPLE" };
  const requestParameters = { bucketName: "photos", key: "cat.jpg" };
  const event = map({ userIdentity, requestParameters, readOnly: true });
  expect(event).toMatchObject({
    action: "cloudtrail.s3.GetObject",
    occurredAtMicros: Date.UTC(2023, 6, 10, 11, 42, 18) * 1000,
    identity: "e-1",
    fields: {
      actor: { type: "user", id: "arn:aws:iam::1:user/ann", name: "ann", credential: "AKIAEXAMPLE" },
      targets: [
        { type: "s3-bucket", id: "photos" },
        { type: "s3-object", id: "cat.jpg", parent: "s3-bucket/photos" },
      ],
      outcome: "success",
      context: { ip: "192.0.2.1", userAgent: "aws-cli/2", requestId: "r-1", route: "us-east-1", service: "s3" },
      data: { service: "s3", event: "GetObject", doing: "read", account: "111122223333" },
    },
  });
  expect((event.fields.data as { original: object }).original).toEqual({
    ...smallest,
    userIdentity,
    requestParameters,
    readOnly: true,
  });
});

test("a role session acts for its role, and for whom it was opened", () => {
  const sessionContext = {
    sessionIssuer: { type: "Role", arn: "arn:aws:iam::1:role/Deploy", userName: "Deploy" },
    sourceIdentity: "ann@example.org",
  };
  const arn = "arn:aws:sts::1:assumed-role/Deploy/build-7";
  const { fields } = map({
    userIdentity: { type: "AssumedRole", arn, accessKeyId: "ASIA1", sessionContext, invokedBy: "ec2.amazonaws.com" },
  });
  expect(fields.actor).toEqual({
    ...{ type: "role-session", id: arn, name: "build-7", roles: ["arn:aws:iam::1:role/Deploy"] },
    ...{ credential: "ASIA1", agent: "ec2.amazonaws.com" },
  });
  expect(fields.onBehalfOf).toEqual([
    { type: "role", id: "arn:aws:iam::1:role/Deploy", name: "Deploy" },
    { type: "user", id: "ann@example.org" },
  ]);
});

test.each([
  [
    { type: "AWSService", invokedBy: "ec2.amazonaws.com" },
    { type: "service", id: "ec2.amazonaws.com" },
  ],
  [
    { accountId: "1", invokedBy: "ec2.amazonaws.com" },
    { type: "service", id: "ec2.amazonaws.com" },
  ],
  [
    { type: "Root", arn: "arn:aws:iam::1:root" },
    { type: "root", id: "arn:aws:iam::1:root" },
  ],
  [
    { type: "IAMUser", principalId: "AIDA1", userName: "bob", accessKeyId: "" },
    { type: "user", id: "AIDA1", name: "bob" },
  ],
  [{ accountId: "1" }, { type: "account", id: "1" }],
  [
    { type: "SomethingNew", principalId: "P" },
    { type: "unknown", id: "P" },
  ],
  [undefined, { type: "unknown" }],
  ["odd", { type: "unknown" }],
])("the actor of %j", (userIdentity, actor) => {
  expect(map({ userIdentity }).fields.actor).toEqual(actor);
});

test.each([
  ["AccessDenied", "denied"],
  ["Client.UnauthorizedOperation", "denied"],
  ["UnauthorizedAccess", "denied"],
  ["AuthFailure", "denied"],
  ["ThrottlingException", "failure"],
  ["NoSuchBucketPolicy", "failure"],
  ["InvalidAccessException", "failure"],
])("the error %s makes the outcome %s", (errorCode, outcome) => {
  expect(map({ errorCode, errorMessage: "no" }).fields).toMatchObject({
    outcome,
    error: { name: errorCode, code: errorCode, message: "no" },
  });
  expect(map({ errorCode }).fields).toMatchObject({ error: { message: errorCode } });
});

test("a sign-in that failed has no error code", () => {
  const responseElements = { ConsoleLogin: "Failure" };
  expect(map({ eventName: "ConsoleLogin", responseElements }).fields).toMatchObject({
    outcome: "failure",
    data: { doing: "auth" },
  });
  expect(
    map({ eventName: "ConsoleLogin", responseElements, errorMessage: "Failed authentication" }).fields,
  ).toMatchObject({ outcome: "failure" });
});

test("an address that is a service is no address", () => {
  const { context, data } = map({ sourceIPAddress: "cloudtrail.amazonaws.com" }).fields;
  expect(context).not.toHaveProperty("ip");
  expect(data).toMatchObject({ source: "cloudtrail.amazonaws.com" });
});

test("targets come out of EC2's lists and out of resources, each once", () => {
  const requestParameters = {
    instancesSet: { items: [{ instanceId: "i-1" }, { instanceId: "i-2" }, { instanceId: "i-1" }] },
  };
  const resources = [{ ARN: "arn:aws:kms:us-east-1:1:key/k", accountId: "1", type: "AWS::KMS::Key" }, "odd", null];
  expect(map({ eventSource: "ec2.amazonaws.com", requestParameters, resources }).fields.targets).toEqual([
    { type: "ec2-instance", id: "i-1" },
    { type: "ec2-instance", id: "i-2" },
    { type: "kms-key", id: "arn:aws:kms:us-east-1:1:key/k", role: "resource", parent: "account/1" },
  ]);
});

test("names that no action can have are mended", () => {
  expect(map({ eventName: "Odd name/é", eventSource: "..x y" }).action).toBe("cloudtrail.x-y.Odd-name-");
  expect(map({ eventName: "REST.GET.OBJECT" }).action).toBe("cloudtrail.s3.REST.GET.OBJECT");
});

test("the record that lookup-events wraps is taken out", () => {
  const wrapped = { EventId: "e-1", EventName: "GetObject", CloudTrailEvent: JSON.stringify(smallest) };
  expect(mapRecord(JSON.stringify(wrapped))).toMatchObject({
    event: { action: "cloudtrail.s3.GetObject", identity: "e-1" },
  });
});

test.each([
  ["not JSON", "{", "not JSON"],
  ["no object", "[]", "not a JSON object"],
  ["another record", '{"a":1}', "not a CloudTrail record"],
  ["no time", JSON.stringify({ ...smallest, eventTime: "noon" }), "eventTime"],
])("%s is malformed", (_, text, reason) => {
  expect(mapRecord(text)).toMatchObject({ malformed: expect.stringContaining(reason) as string });
});
