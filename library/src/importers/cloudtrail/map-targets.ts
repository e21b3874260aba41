import type { Target } from "../../event/event.ts";
import { isMembers, membersOf, textOf, type Members } from "./cloudtrail-record.ts";

/** Request parameters that name what was acted on, and the type of it. `service:` holds for that service only. */
const parameterTypes: Readonly<Record<string, string>> = {
  ...{ bucketName: "s3-bucket", "s3:bucket": "s3-bucket", s3BucketName: "s3-bucket", "s3:key": "s3-object" },
  ...{ roleName: "iam-role", roleArn: "iam-role", userName: "iam-user", "iam:groupName": "iam-group" },
  ...{ policyArn: "iam-policy", "iam:policyName": "iam-policy", instanceProfileName: "instance-profile" },
  ...{ accessKeyId: "access-key", serialNumber: "mfa-device" },
  ...{ functionName: "lambda-function", layerName: "lambda-layer" },
  ...{ instanceId: "ec2-instance", imageId: "ec2-image", volumeId: "ec2-volume", snapshotId: "ec2-snapshot" },
  ...{ vpcId: "vpc", subnetId: "subnet", routeTableId: "route-table", internetGatewayId: "internet-gateway" },
  ...{ natGatewayId: "nat-gateway", networkInterfaceId: "network-interface", allocationId: "elastic-ip" },
  ...{ networkAclId: "network-acl", vpcEndpointId: "vpc-endpoint", "ec2:keyName": "key-pair" },
  ...{ groupId: "security-group", "ec2:groupName": "security-group", launchTemplateId: "launch-template" },
  ...{
    secretId: "secret",
    keyId: "kms-key",
    "kms:aliasName": "kms-alias",
    "ssm:name": "ssm-parameter",
    "ssm:names": "ssm-parameter",
  },
  ...{ "secretsmanager:name": "secret", "cloudtrail:name": "trail", trailName: "trail", trailNameList: "trail" },
  ...{ dBInstanceIdentifier: "db-instance", dBClusterIdentifier: "db-cluster", dBSnapshotIdentifier: "db-snapshot" },
  ...{ tableName: "dynamodb-table", logGroupName: "log-group", topicArn: "sns-topic", queueUrl: "sqs-queue" },
  ...{
    stackName: "stack",
    detectorId: "guardduty-detector",
    hostedZoneId: "hosted-zone",
    repositoryName: "repository",
  },
  ...{ clusterName: "cluster", "ecs:cluster": "cluster", loadBalancerName: "load-balancer", "eks:name": "cluster" },
  ...{
    trustAnchorId: "trust-anchor",
    profileId: "profile",
    certificateArn: "certificate",
    stateMachineArn: "state-machine",
  },
};

/** More than these stay in the original alone. */
const mostTargets = 50;

/** What the call acted on: the resources that AWS names, then those that the request names. */
export function mapTargets(service: string, record: Members): readonly Target[] {
  const targets = new Map<string, Target>();
  const add = (target: Target): void => {
    const key = `${target.type}/${target.id}`;
    if (targets.size < mostTargets && !targets.has(key)) targets.set(key, target);
  };
  const parameters = membersOf(record, "requestParameters");
  if (parameters !== undefined) addParameters(service, parameters, add);
  const { resources } = record;
  if (Array.isArray(resources)) for (const resource of resources.filter(isMembers)) addResource(resource, add);
  return [...targets.values()];
}

type Add = (target: Target) => void;

function addParameters(service: string, parameters: Members, add: Add): void {
  const bucket = textOf(parameters, "bucketName") ?? textOf(parameters, "bucket");
  for (const [name, value] of Object.entries(parameters)) {
    const type = parameterTypes[`${service}:${name}`] ?? parameterTypes[name];
    if (type !== undefined) {
      const parent = type === "s3-object" && bucket !== undefined ? { parent: `s3-bucket/${bucket}` } : {};
      for (const id of textsOf(value)) add({ type, id, ...parent });
    } else if (isMembers(value) && Array.isArray(value["items"])) {
      // EC2 wraps lists: { instancesSet: { items: [{ instanceId }] } }
      for (const item of value["items"].slice(0, mostTargets).filter(isMembers)) addItem(service, item, add);
    }
  }
}

function addItem(service: string, item: Members, add: Add): void {
  for (const [name, value] of Object.entries(item)) {
    const type = parameterTypes[`${service}:${name}`] ?? parameterTypes[name];
    if (type !== undefined) for (const id of textsOf(value)) add({ type, id });
  }
}

function textsOf(value: unknown): readonly string[] {
  const values = Array.isArray(value) ? value.slice(0, mostTargets) : [value];
  return values.filter((each): each is string => typeof each === "string" && each !== "");
}

/** `{ ARN, accountId, type: "AWS::S3::Bucket" }` */
function addResource(resource: Members, add: Add): void {
  const arn = textOf(resource, "ARN") ?? textOf(resource, "arn");
  if (arn === undefined) return;
  const account = textOf(resource, "accountId");
  const type = textOf(resource, "type")
    ?.replace(/^AWS::/, "")
    .replaceAll(/[^A-Za-z0-9]+/g, "-")
    .toLowerCase();
  add({
    type: type ?? "resource",
    id: arn,
    role: "resource",
    ...(account === undefined ? {} : { parent: `account/${account}` }),
  });
}
